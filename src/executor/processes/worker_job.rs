//! What a worker process does.

use std::io::{self, PipeReader, PipeWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Settings;
use super::call;
use super::message::{CALL, DONE, NOT_READY, READY, WAITS};
use super::task_board::TaskBoard;
use crate::ipc::worker_messages::{self, HEADER_LEN, send, send_outcome};
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
        let mut left = self.settings.max_tasks_per_child.unwrap_or(usize::MAX);
        self.run_known_tasks(&mut left)?;
        if let Some(requests) = self.requests.take() {
            self.run_calls(requests, left)?;
        }
        self.say(DONE)
    }

    /// Runs tasks that existed at the fork, at most `left`.
    fn run_known_tasks(&mut self, left: &mut usize) -> io::Result<()> {
        let mut message = Vec::new();
        let (mut start, end) = (0, self.board.end());
        while *left > 0
            && let Some(position) = self.board.claims.take(start..end, self.number)
        {
            let Some(task) = self.board.task(position) else {
                unreachable!("a task that can be taken is not done");
            };
            send_outcome(&self.results, position, &mut message, |bytes| {
                task.run(bytes)
            })?;
            start = position + 1;
            *left -= 1;
        }
        Ok(())
    }

    /// Runs calls as they come, at most `left`, until the worker is told to exit.
    fn run_calls(&self, requests: PipeReader, mut left: usize) -> io::Result<()> {
        let (mut request, mut message) = (Vec::new(), Vec::new());
        if left > 0 {
            self.say(WAITS)?;
        }
        while left > 0 {
            let mut outcome = Ok(false);
            worker_messages::take(&mut request, |kind, position, call| {
                outcome = match kind {
                    CALL => self.run_call(position, call, &mut message),
                    _ => {
                        left = 0;
                        Ok(false)
                    }
                };
            });
            if outcome? {
                left -= 1;
            } else if left > 0 {
                let _blocked = Blocked::on(BlockedOn::Idle, false);
                if worker_messages::receive(&requests, &mut request) == 0 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Runs a call, unless it was cancelled or another worker has taken it. Returns whether it did.
    fn run_call(&self, position: u64, call: &[u8], message: &mut Vec<u8>) -> io::Result<bool> {
        if !self.board.claims.take_this(position, self.number) {
            self.say(WAITS)?;
            return Ok(false);
        }
        send_outcome(&self.results, position, message, |bytes| {
            // SAFETY: the dispatcher sends only calls with a code that was on the board when this process was forked.
            unsafe { call::run(call, bytes) }
        })?;
        Ok(true)
    }

    /// Sends a message without contents.
    fn say(&self, kind: u8) -> io::Result<()> {
        send(&self.results, kind, 0, &mut [0; HEADER_LEN])
    }
}
