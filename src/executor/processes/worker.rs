//! A worker as the dispatcher sees it.

use std::io::{self, PipeWriter};

use super::Settings;
use super::call::Call;
use super::message::{CALL, EXIT, Message};
use super::task_board::TaskBoard;
use super::worker_job::WorkerJob;
use crate::ipc::worker_messages::{add, send};
use crate::process::Starter;
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
        let (reader, requests) = match board.ends_with_call {
            true => io::pipe().map(|(reader, writer)| (Some(reader), Some(writer)))?,
            false => (None, None),
        };
        let known = board.end();
        // The dispatcher's thread exits when all workers have.
        let process = WorkerProcess::start("ForkProcess", false, Starter::Stays, |results| {
            let job = WorkerJob {
                number,
                settings,
                board,
                results,
                requests: reader,
            };
            // Without a reader, the pool is gone.
            let _ = job.run();
        })?;
        Ok(Self {
            process,
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
        if self.send(CALL, position, &call.message()) {
            self.activity = Activity::Call(position);
        }
    }

    /// Tells it to exit. It waits.
    pub(super) fn dismiss(&mut self) {
        self.send(EXIT, 0, &[]);
        self.activity = Activity::Exits;
    }

    /// Returns false if it has died, which the dispatcher will learn.
    fn send(&mut self, kind: u8, position: u64, bytes: &[u8]) -> bool {
        let mut message = Vec::new();
        add(&mut message, kind, position, bytes);
        let requests = self.requests.as_ref();
        let is_sent = requests.is_some_and(|pipe| send(pipe, &mut message).is_ok());
        if !is_sent {
            self.activity = Activity::Exits;
        }
        is_sent
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
