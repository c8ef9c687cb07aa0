//! Waiting for any of several futures.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use crate::sync;

/// Collects which of some futures are done, in the order in which they are.
#[derive(Default)]
pub(super) struct Watcher {
    done: Mutex<VecDeque<usize>>,
    changed: Condvar,
}

/// A watcher's interest in one future, kept by that future.
pub(super) struct Watch {
    watcher: Arc<Watcher>,
    /// The number by which the watcher knows the future.
    index: usize,
}

impl Watcher {
    /// Waits until one more future is done, and returns its number. None: the deadline has passed.
    pub(super) fn next(&self, deadline: Option<Instant>) -> Option<usize> {
        let mut done = sync::lock(&self.done);
        loop {
            if let Some(index) = done.pop_front() {
                return Some(index);
            }
            let in_time;
            (done, in_time) = sync::wait_until(&self.changed, done, deadline);
            if !in_time {
                return done.pop_front();
            }
        }
    }
}

impl Watch {
    pub(super) fn new(watcher: &Arc<Watcher>, index: usize) -> Self {
        Self {
            watcher: Arc::clone(watcher),
            index,
        }
    }

    pub(super) fn is_of(&self, watcher: &Arc<Watcher>) -> bool {
        Arc::ptr_eq(&self.watcher, watcher)
    }

    /// Tells the watcher that the future is done.
    pub(super) fn tell(self) {
        sync::lock(&self.watcher.done).push_back(self.index);
        self.watcher.changed.notify_one();
    }
}
