//! A worker process: what it does, and how the parent sees it.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Settings;
use super::claims::{Claims, SLOTS};
use super::task::Task;
use crate::future::panic_message;
use crate::ipc::worker_messages::{self, HEADER_LEN, send};
use crate::process::{ChildProcess, Process};

/// The tasks that are not done, each at its position modulo [`SLOTS`].
pub(super) type Tasks = Vec<Option<Box<dyn Task>>>;

/// What a worker says.
pub(super) enum Message<'a> {
    /// It has called the initializer.
    Ready,
    /// The initializer panicked.
    NotReady,
    /// It knows of no more tasks and exits.
    Done,
    /// The serialized value of the task at this position.
    Value(u64, &'a [u8]),
    /// That task panicked, with this message.
    Panicked(u64, String),
    /// The value of that task cannot be serialized.
    NotSent(u64, String),
}

const READY: u8 = 0;
const NOT_READY: u8 = 1;
const DONE: u8 = 2;
const VALUE: u8 = 3;
const PANICKED: u8 = 4;
const NOT_SENT: u8 = 5;

/// A worker as its parent sees it.
pub(super) struct Worker {
    pub(super) child: ChildProcess,
    /// Distinguishes it from the others that live.
    pub(super) number: usize,
    /// It has called the initializer.
    pub(super) ready: bool,
    /// It has run a task.
    pub(super) has_run: bool,
    results: PipeReader,
    /// Its end of the pipe is closed.
    is_silent: bool,
    /// Readable when the process has exited. End of file of its pipe is not enough: a process that it started may hold
    /// the pipe open.
    ended: OwnedFd,
    buffer: Vec<u8>,
}

impl Worker {
    /// Forks a worker that runs tasks among those before `end`.
    pub(super) fn start(
        number: usize,
        settings: &Settings,
        claims: &Claims,
        tasks: &mut Tasks,
        end: u64,
    ) -> io::Result<Self> {
        let (results, writer) = io::pipe()?;
        let body: Box<dyn FnOnce() + '_> = Box::new(move || {
            let job = WorkerJob {
                number,
                settings,
                claims,
                tasks,
                end,
                results: writer,
            };
            // Without a reader, the pool is gone.
            let _ = job.run();
        });
        // SAFETY: only the lifetime changes. In this process the closure is not called and does not outlive this
        // function: `start` drops it, or, after an error, the drop of `process` does. In the child it is called on the
        // copy of this very stack, which is never left.
        let body: Box<dyn FnOnce() + 'static> = unsafe { std::mem::transmute(body) };
        let mut process = Process::of_kind("ForkProcess", body);
        process.set_daemon(false)?;
        process.start()?;
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
            number,
            ready: settings.initializer.is_none(),
            has_run: false,
            results,
            is_silent: false,
            ended,
            buffer: Vec::new(),
        })
    }

    /// The descriptors that are readable when it has sent something, and when it has exited.
    pub(super) fn descriptors(&self) -> [libc::c_int; 2] {
        // `poll` ignores a negative descriptor.
        let results = match self.is_silent {
            true => -1,
            false => self.results.as_raw_fd(),
        };
        [results, self.ended.as_raw_fd()]
    }

    /// Reads the available bytes.
    pub(super) fn receive(&mut self) {
        self.is_silent = worker_messages::receive(&mut self.results, &mut self.buffer) == 0;
    }

    /// Calls `handle` with each complete message, and forgets it.
    pub(super) fn take_messages(&mut self, mut handle: impl FnMut(Message<'_>)) {
        worker_messages::take(&mut self.buffer, |kind, position, bytes| {
            let text = || String::from_utf8_lossy(bytes).into_owned();
            handle(match kind {
                READY => Message::Ready,
                NOT_READY => Message::NotReady,
                VALUE => Message::Value(position, bytes),
                PANICKED => Message::Panicked(position, text()),
                NOT_SENT => Message::NotSent(position, text()),
                _ => Message::Done,
            });
        });
    }
}

impl Worker {
    /// Sends a signal, unless it has exited.
    pub(super) fn signal(&self, signal: libc::c_int) {
        // A worker that cannot be signalled is killed with its parent.
        let _ = match signal {
            libc::SIGKILL => self.child.kill(),
            _ => self.child.terminate(),
        };
    }

    /// Returns how the process ended, which it has.
    pub(super) fn end(&self) -> String {
        // An error means that its exit code is unknown.
        let _ = self.child.join();
        let (name, pid) = (self.child.name(), self.child.pid());
        match self.child.exitcode() {
            Some(code) if code < 0 => {
                format!("{name} (process {pid}) was killed by signal {}", -code)
            }
            Some(code) => format!("{name} (process {pid}) exited with code {code}"),
            None => format!("{name} (process {pid}) exited"),
        }
    }

    /// Returns whether a signal ended the process.
    pub(super) fn was_killed(&self) -> bool {
        self.child.exitcode().is_some_and(|code| code < 0)
    }
}

/// What a worker knows.
struct WorkerJob<'a> {
    number: usize,
    settings: &'a Settings,
    claims: &'a Claims,
    tasks: &'a mut Tasks,
    end: u64,
    results: PipeWriter,
}

impl WorkerJob<'_> {
    fn run(mut self) -> io::Result<()> {
        let mut message = vec![0; HEADER_LEN];
        if let Some(initialize) = &self.settings.initializer {
            let initialized = catch_unwind(AssertUnwindSafe(|| initialize()));
            let kind = initialized.map_or(NOT_READY, |()| READY);
            send(&self.results, kind, 0, &mut message)?;
            if kind == NOT_READY {
                return Ok(());
            }
        }
        let mut start = 0;
        let mut left = self.settings.max_tasks_per_child.unwrap_or(usize::MAX);
        while left > 0
            && let Some(position) = self.claims.take(start..self.end, self.number)
        {
            message.truncate(HEADER_LEN);
            let kind = self.run_task(position, &mut message);
            send(&self.results, kind, position, &mut message)?;
            start = position + 1;
            left -= 1;
        }
        message.truncate(HEADER_LEN);
        send(&self.results, DONE, 0, &mut message)
    }

    /// Runs a task and adds what there is to say to the message.
    fn run_task(&mut self, position: u64, message: &mut Vec<u8>) -> u8 {
        let Some(task) = &mut self.tasks[(position % SLOTS) as usize] else {
            unreachable!("a task that can be taken is not done");
        };
        let (kind, text) = match catch_unwind(AssertUnwindSafe(|| task.run(message))) {
            Ok(Ok(())) => return VALUE,
            Ok(Err(error)) => (NOT_SENT, error.to_string()),
            Err(payload) => (PANICKED, panic_message(payload)),
        };
        message.truncate(HEADER_LEN);
        message.extend_from_slice(text.as_bytes());
        kind
    }
}
