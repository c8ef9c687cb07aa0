//! A worker process of a pool or an executor, as its parent sees it.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use crate::ipc::worker_messages;
use crate::process::{ChildProcess, Process, Starter};

pub(crate) struct WorkerProcess {
    pub(crate) child: ChildProcess,
    results: PipeReader,
    /// Its end of the pipe is closed.
    is_silent: bool,
    /// Readable when the process has exited. End of file of its pipe is not enough: a process that it started may hold
    /// the pipe open.
    ended: OwnedFd,
    /// Bytes of messages that are not complete.
    buffer: Vec<u8>,
}

impl WorkerProcess {
    /// Starts a process named `KIND-N`, which sends its messages through the pipe that `body` gets.
    pub(crate) fn start(
        kind: &str,
        is_daemon: bool,
        starter: Starter,
        body: impl FnOnce(PipeWriter),
    ) -> io::Result<Self> {
        let (results, writer) = io::pipe()?;
        let process = Process::start_borrowing(kind, is_daemon, starter, || body(writer))?;
        let child = process.child().ok_or(io::ErrorKind::NotFound)?;
        let ended = process
            .sentinel()
            .and_then(|fd| fd.as_fd().try_clone_to_owned())
            .inspect_err(|_| {
                // The error is the reason; one that cannot be killed has exited.
                let _ = child.kill();
            })?;
        Ok(Self {
            child,
            results,
            is_silent: false,
            ended,
            buffer: Vec::new(),
        })
    }

    /// The descriptors that are readable when it has sent something, and when it has exited.
    pub(crate) fn descriptors(&self) -> [libc::c_int; 2] {
        // `poll` ignores a negative descriptor.
        let results = match self.is_silent {
            true => -1,
            false => self.results.as_raw_fd(),
        };
        [results, self.ended.as_raw_fd()]
    }

    /// Reads the available bytes. Returns false at the end of the pipe.
    pub(crate) fn receive(&mut self) -> bool {
        self.is_silent = worker_messages::receive(&self.results, &mut self.buffer) == 0;
        !self.is_silent
    }

    /// Calls `handle` with the kind, the number and the bytes of each complete message, and forgets it.
    pub(crate) fn take_messages(&mut self, handle: impl FnMut(u8, u64, &[u8])) {
        worker_messages::take(&mut self.buffer, handle);
    }
}
