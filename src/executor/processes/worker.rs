//! A worker as the dispatcher sees it.

use std::io::{self, PipeWriter};

use super::Settings;
use super::call::Call;
use super::message::{CALL, EXIT, Message};
use super::task_board::TaskBoard;
use super::worker_job::WorkerJob;
use crate::ipc::worker_messages::{HEADER_LEN, send};
use crate::process::Process;
use crate::worker_process::WorkerProcess;

pub(super) struct Worker {
    pub(super) process: WorkerProcess,
    /// Distinguishes it from the others that live.
    pub(super) number: usize,
    /// It has called the initializer.
    pub(super) ready: bool,
    /// It has run a task.
    pub(super) has_run: bool,
    /// It knows the tasks before this position, and the code of the calls among them.
    pub(super) known: u64,
    activity: Activity,
    /// None: it exits when it has no more tasks.
    requests: Option<PipeWriter>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Activity {
    /// It runs the tasks that it knows.
    Tasks,
    /// It waits for a call.
    Waits,
    /// It was sent the call at this position, which it may not have taken yet.
    Call(u64),
    /// It was told to exit, or cannot be reached.
    Exits,
}

impl Worker {
    /// Forks a worker that runs the tasks on the board. If the newest of them is a call, it then waits for others.
    pub(super) fn start(
        number: usize,
        settings: &Settings,
        board: &mut TaskBoard,
    ) -> io::Result<Self> {
        let (results, writer) = io::pipe()?;
        let (reader, requests) = match board.ends_with_call {
            true => io::pipe().map(|(reader, writer)| (Some(reader), Some(writer)))?,
            false => (None, None),
        };
        let known = board.end();
        let body: Box<dyn FnOnce() + '_> = Box::new(move || {
            let job = WorkerJob {
                number,
                settings,
                board,
                results: writer,
                requests: reader,
            };
            // Without a reader, the pool is gone.
            let _ = job.run();
        });
        // SAFETY: only the lifetime changes. In this process the closure is not called and does not outlive this
        // function: `start` drops it, or, after an error, the drop of `process` does. In the child it is called on the
        // copy of this very stack, which is never left.
        let body: Box<dyn FnOnce() + 'static> = unsafe { std::mem::transmute(body) };
        // The dispatcher's thread exits when all workers have.
        let mut process = Process::of_kind("ForkProcess", body).started_by_thread_that_stays();
        process.set_daemon(false)?;
        Ok(Self {
            process: WorkerProcess::start(process, results)?,
            number,
            ready: settings.initializer.is_none(),
            has_run: false,
            known,
            activity: Activity::Tasks,
            requests,
        })
    }

    /// Reads the available bytes and calls `handle` with each complete message.
    pub(super) fn receive(&mut self, mut handle: impl FnMut(Message<'_>)) {
        let Self {
            process,
            activity,
            ready,
            has_run,
            ..
        } = self;
        process.receive();
        process.take_messages(|kind, position, bytes| {
            let message = Message::new(kind, position, bytes);
            match message {
                Message::Ready => *ready = true,
                Message::Waits => *activity = Activity::Waits,
                Message::Outcome(..) => {
                    *has_run = true;
                    if *activity == Activity::Call(position) {
                        *activity = Activity::Waits;
                    }
                }
                Message::NotReady | Message::Done => {}
            }
            handle(message);
        });
    }

    /// Returns whether it waits for a call.
    pub(super) fn waits(&self) -> bool {
        self.activity == Activity::Waits
    }

    /// Returns the position of the call that it was sent and has not answered.
    pub(super) fn called(&self) -> Option<u64> {
        match self.activity {
            Activity::Call(position) => Some(position),
            _ => None,
        }
    }

    /// Sends a call, whose code it knows. It waits.
    pub(super) fn call(&mut self, position: u64, call: &Call) {
        let mut message = vec![0; HEADER_LEN];
        call.write(&mut message);
        self.send(CALL, position, &mut message);
        if self.activity != Activity::Exits {
            self.activity = Activity::Call(position);
        }
    }

    /// Tells it to exit. It waits.
    pub(super) fn dismiss(&mut self) {
        self.send(EXIT, 0, &mut [0; HEADER_LEN]);
        self.activity = Activity::Exits;
    }

    fn send(&mut self, kind: u8, position: u64, message: &mut [u8]) {
        let requests = self.requests.as_ref();
        let sent = requests.is_some_and(|pipe| send(pipe, kind, position, message).is_ok());
        if !sent {
            // It has died, which the dispatcher will learn; nothing was taken.
            self.activity = Activity::Exits;
        }
    }

    /// Sends a signal, unless it has exited.
    pub(super) fn signal(&self, signal: libc::c_int) {
        // A worker that cannot be signalled is killed with its parent.
        let _ = match signal {
            libc::SIGKILL => self.process.child.kill(),
            _ => self.process.child.terminate(),
        };
    }

    /// Returns how the process ended, which it has.
    pub(super) fn end(&self) -> String {
        let child = &self.process.child;
        // An error means that its exit code is unknown.
        let _ = child.join();
        let (name, pid) = (child.name(), child.pid());
        match child.exitcode() {
            Some(code) if code < 0 => {
                format!("{name} (process {pid}) was killed by signal {}", -code)
            }
            Some(code) => format!("{name} (process {pid}) exited with code {code}"),
            None => format!("{name} (process {pid}) exited"),
        }
    }

    /// Returns whether a signal ended the process.
    pub(super) fn was_killed(&self) -> bool {
        self.process.child.exitcode().is_some_and(|code| code < 0)
    }
}
