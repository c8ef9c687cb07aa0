//! The tasks that wait for a thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};

use super::job::Job;
use crate::future::FutureError;
use crate::sync;

#[derive(Default)]
pub(super) struct JobQueue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) jobs: VecDeque<Box<dyn Job>>,
    pub(super) idle: usize,
    pub(super) closed: bool,
    /// An initializer panicked.
    pub(super) broken: bool,
}

impl JobQueue {
    /// Waits for a task. None: the executor is shut down and the queue is empty.
    pub(super) fn next_job(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed || state.broken {
                return None;
            }
            state.idle += 1;
            state = sync::wait(&self.changed, state);
            state.idle -= 1;
        }
    }

    /// Takes no more tasks. Returns those that are queued, if they are not to run.
    pub(super) fn close(&self, cancel: bool) -> VecDeque<Box<dyn Job>> {
        let mut state = self.lock();
        state.closed = true;
        let cancelled = match cancel {
            true => std::mem::take(&mut state.jobs),
            false => VecDeque::new(),
        };
        drop(state);
        self.changed.notify_all();
        cancelled
    }

    /// An initializer panicked: all tasks fail.
    pub(super) fn break_down(&self) {
        let jobs = {
            let mut state = self.lock();
            state.broken = true;
            std::mem::take(&mut state.jobs)
        };
        self.changed.notify_all();
        for job in jobs {
            job.abandon(FutureError::BrokenThreadPool);
        }
    }

    pub(super) fn wake_one(&self) {
        self.changed.notify_one();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }
}
