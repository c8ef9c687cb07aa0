//! What a worker process does.

use std::io::{self, PipeReader, PipeWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Settings;
use super::call::run_sent;
use super::message::{CALL, DONE, NOT_READY, READY, WAITS};
use super::task_board::TaskBoard;
use crate::ipc::worker_messages::{self, add, add_outcome, send};
use crate::notebook::{Blocked, BlockedOn};

/// What a worker knows.
pub(super) struct WorkerJob<'a> {
    pub(super) number: usize,
    pub(super) settings: &'a Settings,
    /// As it was at the fork.
    pub(super) board: &'a mut TaskBoard,
    pub(super) results: PipeWriter,
    /// Calls that are sent. None: it does not wait for any.
    pub(super) requests: Option<PipeReader>,
}

impl WorkerJob<'_> {
    /// Runs tasks until there are no more. An error means that the pool is gone.
    pub(super) fn run(mut self) -> io::Result<()> {
        if let Some(initialize) = &self.settings.initializer {
            let initialized = catch_unwind(AssertUnwindSafe(|| initialize()));
            let kind = initialized.map_or(NOT_READY, |()| READY);
            self.say(kind)?;
            if kind == NOT_READY {
                return Ok(());
            }
        }
        let max_tasks = self.settings.max_tasks_per_child.unwrap_or(usize::MAX);
        let left = self.run_known_tasks(max_tasks)?;
        if let Some(requests) = self.requests.take() {
            self.run_calls(requests, left)?;
        }
        self.say(DONE)
    }

    /// Runs tasks that existed at the fork, at most `left`. Returns how many more the worker may run.
    fn run_known_tasks(&mut self, mut left: usize) -> io::Result<usize> {
        let mut messages = Vec::new();
        let (mut start, end) = (0, self.board.end());
        while left > 0
            && let Some(position) = self.board.claims.take(start..end, self.number)
        {
            let Some(task) = self.board.task(position) else {
                unreachable!("a task that can be taken is not done");
            };
            add_outcome(&mut messages, position, |bytes| task.run(bytes));
            start = position + 1;
            left -= 1;
            if self.requests.is_some() && self.board.claims.free(start..end).next().is_none() {
                // In one write: who gets the outcome may submit a call at once.
                add(&mut messages, WAITS, 0, &[]);
                send(&self.results, &mut messages)?;
                return Ok(left);
            }
            send(&self.results, &mut messages)?;
        }
        if self.requests.is_some() {
            self.say(WAITS)?;
        }
        Ok(left)
    }

    /// Runs calls as they come, at most `left`, until the worker is told to exit.
    fn run_calls(&self, requests: PipeReader, mut left: usize) -> io::Result<()> {
        let (mut received, mut messages) = (Vec::new(), Vec::new());
        while left > 0 {
            let blocked = Blocked::on(BlockedOn::Idle, false);
            if worker_messages::receive(&requests, &mut received) == 0 {
                return Ok(());
            }
            drop(blocked);
            let mut result = Ok(());
            worker_messages::take(&mut received, |kind, position, call| {
                left = match kind {
                    CALL if self.board.claims.take_this(position, self.number) => {
                        add_outcome(&mut messages, position, |bytes| {
                            // SAFETY: the dispatcher sends only calls with a code that was on the board when this
                            // process was forked.
                            unsafe { run_sent(call, bytes) }
                        });
                        left - 1
                    }
                    CALL => {
                        // It was cancelled, or another worker has taken it.
                        add(&mut messages, WAITS, 0, &[]);
                        left
                    }
                    _ => 0,
                };
                result = send(&self.results, &mut messages);
            });
            result?;
        }
        Ok(())
    }

    /// Sends a message without contents.
    fn say(&self, kind: u8) -> io::Result<()> {
        let mut message = Vec::new();
        add(&mut message, kind, 0, &[]);
        send(&self.results, &mut message)
    }
}
