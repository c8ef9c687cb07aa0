//! A thread that begins later.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::thread::Thread;
use crate::sync;
use crate::wait::deadline;

/// A thread that calls a closure after a time, unless it is cancelled before: Python's `threading.Timer`.
///
/// It has the methods of [`Thread`]: `start` begins to count, `join` waits until it has run or was cancelled.
///
/// ```
/// use std::time::Duration;
/// use threadbook::threading::Timer;
///
/// let late = Timer::new(Duration::from_secs(3600), || println!("too late"));
/// late.start()?;
/// late.cancel();
/// late.join()?;
/// # Ok::<(), threadbook::threading::ThreadError>(())
/// ```
#[derive(Clone)]
pub struct Timer {
    thread: Thread,
    finished: Arc<Flag>,
}

#[derive(Default)]
struct Flag {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Timer {
    /// Creates a timer that calls `f` after `interval`, counted from the start.
    pub fn new(interval: Duration, f: impl FnOnce() + Send + 'static) -> Self {
        let finished = Arc::<Flag>::default();
        let in_thread = Arc::clone(&finished);
        let thread = Thread::new(move || {
            if !in_thread.wait_timeout(interval) {
                f();
            }
            in_thread.set();
        });
        Self { thread, finished }
    }

    /// Stops the timer if it has not called its closure yet.
    pub fn cancel(&self) {
        self.finished.set();
    }
}

impl Flag {
    fn set(&self) {
        *sync::lock(&self.is_set) = true;
        self.changed.notify_all();
    }

    /// Returns whether the flag was set in time.
    fn wait_timeout(&self, limit: Duration) -> bool {
        let deadline = deadline(limit);
        let mut is_set = sync::lock(&self.is_set);
        let mut in_time = true;
        while !*is_set && in_time {
            (is_set, in_time) = sync::wait_until(&self.changed, is_set, deadline);
        }
        *is_set
    }
}

impl Deref for Timer {
    type Target = Thread;

    fn deref(&self) -> &Thread {
        &self.thread
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.thread.fmt(f)
    }
}
