//! The tasks that wait for a thread.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard};

use super::job::Job;
use crate::future::FutureError;
use crate::ipc::adaptive_spin::AdaptiveSpin;
use crate::notebook::{Blocked, BlockedOn};
use crate::sync;

pub(super) struct JobQueue {
    state: Mutex<State>,
    changed: Condvar,
    /// There is something for an idle thread: a hint for those that do not hold the lock.
    is_wanted: AtomicBool,
    spin: AdaptiveSpin,
}

#[derive(Default)]
pub(super) struct State {
    jobs: VecDeque<Box<dyn Job>>,
    /// Threads that have found nothing to do.
    pub(super) idle: usize,
    /// Those of them that must be woken.
    sleeping: usize,
    pub(super) closed: bool,
    /// An initializer panicked.
    pub(super) broken: bool,
}

impl State {
    /// Returns how many tasks wait for a thread.
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    fn is_idle(&self) -> bool {
        self.jobs.is_empty() && !self.closed && !self.broken
    }
}

impl JobQueue {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            is_wanted: AtomicBool::new(false),
            // About 50 µs.
            spin: AdaptiveSpin::new(2000),
        }
    }

    /// Adds a task. [`JobQueue::wake_one`] has a thread take it.
    pub(super) fn push(state: &mut State, job: Box<dyn Job>) {
        state.jobs.push_back(job);
    }

    /// Takes back all tasks.
    pub(super) fn take_all(state: &mut State) -> VecDeque<Box<dyn Job>> {
        std::mem::take(&mut state.jobs)
    }

    /// Waits for a task. None: the executor is shut down and the queue is empty.
    pub(super) fn next_job(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if !state.is_idle() {
                return None;
            }
            self.is_wanted.store(false, Relaxed);
            state.idle += 1;
            drop(state);
            let is_wanted = self.spin.spin_until(|| self.is_wanted.load(Relaxed));
            state = self.lock();
            // If another thread was faster, this one spins again.
            if !is_wanted && state.is_idle() {
                state.sleeping += 1;
                let _blocked = Blocked::on(BlockedOn::Tasks, false);
                state = sync::wait(&self.changed, state);
                state.sleeping -= 1;
            }
            state.idle -= 1;
        }
    }

    /// Takes no more tasks. Returns those that are queued, if they are not to run.
    pub(super) fn close(&self, cancel: bool) -> VecDeque<Box<dyn Job>> {
        let mut state = self.lock();
        state.closed = true;
        let cancelled = match cancel {
            true => Self::take_all(&mut state),
            false => VecDeque::new(),
        };
        drop(state);
        self.wake_all();
        cancelled
    }

    /// An initializer panicked: all tasks fail.
    pub(super) fn break_down(&self) {
        let jobs = {
            let mut state = self.lock();
            state.broken = true;
            Self::take_all(&mut state)
        };
        self.wake_all();
        for job in jobs {
            job.abandon(FutureError::BrokenThreadPool);
        }
    }

    /// Unlocks the queue, and wakes a thread if only sleeping ones can take the new task.
    pub(super) fn wake_one(&self, state: MutexGuard<'_, State>) {
        let is_any_asleep = state.sleeping > 0;
        drop(state);
        // Not before the lock is free: those that spin want it next.
        self.is_wanted.store(true, Relaxed);
        if is_any_asleep {
            self.changed.notify_one();
        }
    }

    fn wake_all(&self) {
        self.is_wanted.store(true, Relaxed);
        self.changed.notify_all();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }
}
