//! A queue that knows when all its items are processed.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Queue, QueueError};
use crate::ipc::Item;
use crate::mapping::{Shared, Zeroed};
use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::wait::POLL_INTERVAL;

/// A queue whose consumers report when they are done: Python's `multiprocessing.JoinableQueue`.
///
/// It has the methods of [`Queue`]; for each item taken, call [`task_done`](Self::task_done) once. [`join`](Self::join)
/// blocks until that has happened for every item that was put. If a consumer is killed in between, that never happens,
/// as in Python.
///
/// ```
/// use threadbook::prelude::*;
///
/// let q = JoinableQueue::new();
/// let in_child = q.clone();
/// let mut worker = Process::new(move || {
///     for _ in 0..3 {
///         let n: i32 = in_child.get().unwrap();
///         println!("{n} squared is {}", n * n);
///         in_child.task_done().unwrap();
///     }
/// });
/// worker.start()?;
/// for n in 1..=3 {
///     q.put(n)?;
/// }
/// q.join();
/// worker.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JoinableQueue<T: Item> {
    queue: Queue<T>,
    tasks: Arc<Shared<Tasks>>,
}

#[repr(C)]
struct Tasks {
    /// Items that were put and not reported done. `join` sleeps on it.
    unfinished: AtomicU32,
}

// SAFETY: one atomic.
unsafe impl Zeroed for Tasks {}

impl<T: Item> JoinableQueue<T> {
    /// Creates a queue of any number of items (up to 2^32 unfinished ones).
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new() -> Self {
        Self::bounded(0)
    }

    /// Creates a queue of at most `maxsize` items at a time; 0 means any number, as in Python.
    ///
    /// # Panics
    /// If the system has no memory to share.
    #[doc(alias = "maxsize")]
    pub fn bounded(maxsize: usize) -> Self {
        Self {
            queue: Queue::bounded(maxsize),
            tasks: Arc::new(Shared::new("JoinableQueue")),
        }
    }

    /// As [`Queue::put`]; one more task is unfinished.
    ///
    /// # Errors
    /// Those of [`Queue::put`].
    pub fn put(&self, item: T) -> Result<(), QueueError> {
        self.with_task(|| self.queue.put(item))
    }

    /// As [`Queue::put_nowait`]; one more task is unfinished.
    ///
    /// # Errors
    /// Those of [`Queue::put_nowait`].
    pub fn put_nowait(&self, item: T) -> Result<(), QueueError> {
        self.with_task(|| self.queue.put_nowait(item))
    }

    /// As [`Queue::put_timeout`]; one more task is unfinished.
    ///
    /// # Errors
    /// Those of [`Queue::put_timeout`].
    pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), QueueError> {
        self.with_task(|| self.queue.put_timeout(item, timeout))
    }

    /// Reports that an item that was taken is processed.
    ///
    /// # Errors
    /// [`TaskDoneTooOften`](QueueError::TaskDoneTooOften), if every item was reported already.
    pub fn task_done(&self) -> Result<(), QueueError> {
        let unfinished = &self.tasks.unfinished;
        let before = unfinished
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
            .map_err(|_| QueueError::TaskDoneTooOften)?;
        if before == 1 {
            os::futex_wake(unfinished, i32::MAX);
        }
        Ok(())
    }

    /// Blocks until every item that was put is reported done.
    pub fn join(&self) {
        let unfinished = &self.tasks.unfinished;
        let _blocked = Blocked::on(BlockedOn::Tasks, false);
        loop {
            match unfinished.load(Ordering::SeqCst) {
                0 => return,
                n => {
                    os::futex_wait(unfinished, n, POLL_INTERVAL);
                }
            }
        }
    }

    /// Counts the task before the item can be taken, so that no consumer is done before it is counted.
    fn with_task(&self, put: impl FnOnce() -> Result<(), QueueError>) -> Result<(), QueueError> {
        let unfinished = &self.tasks.unfinished;
        unfinished.fetch_add(1, Ordering::SeqCst);
        put().inspect_err(|_| {
            if unfinished.fetch_sub(1, Ordering::SeqCst) == 1 {
                os::futex_wake(unfinished, i32::MAX);
            }
        })
    }
}

/// `get`, `empty`, `qsize` and the rest are those of the queue.
impl<T: Item> Deref for JoinableQueue<T> {
    type Target = Queue<T>;

    fn deref(&self) -> &Queue<T> {
        &self.queue
    }
}

impl<T: Item> Default for JoinableQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Item> Clone for JoinableQueue<T> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
            tasks: Arc::clone(&self.tasks),
        }
    }
}

impl<T: Item> fmt::Debug for JoinableQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unfinished = self.tasks.unfinished.load(Ordering::SeqCst);
        write!(
            f,
            "<JoinableQueue qsize={} unfinished={unfinished}>",
            self.qsize()
        )
    }
}
