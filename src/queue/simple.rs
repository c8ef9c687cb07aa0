//! A queue without limit and without tasks.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::blocking::Blocking;
use super::error::GetError;
use super::storage::Fifo;
use crate::wait::deadline;

/// A queue between threads of any number of items, which cannot be shut down: Python's `queue.SimpleQueue`.
///
/// So `put` never blocks and never fails. A clone is the same queue.
///
/// ```
/// use threadbook::queue::SimpleQueue;
///
/// let q = SimpleQueue::new();
/// q.put(1);
/// assert_eq!(q.get(), 1);
/// assert!(q.empty());
/// ```
pub struct SimpleQueue<T>(Arc<Blocking<T, Fifo<T>>>);

impl<T> SimpleQueue<T> {
    /// Creates an empty queue.
    pub fn new() -> Self {
        Self(Arc::new(Blocking::new(0)))
    }

    /// Puts an item.
    #[doc(alias = "put_nowait")]
    pub fn put(&self, item: T) {
        if self.0.put(item, None).is_err() {
            unreachable!("the queue has no limit and is never shut down");
        }
    }

    /// Takes an item. Blocks until there is one.
    pub fn get(&self) -> T {
        match self.0.get(None) {
            Ok(item) => item,
            Err(_) => unreachable!("the wait has no limit, and the queue is never shut down"),
        }
    }

    /// Takes an item if there is one now.
    ///
    /// # Errors
    /// [`Empty`](GetError::Empty).
    pub fn get_nowait(&self) -> Result<T, GetError> {
        self.0.get(Some(Instant::now()))
    }

    /// Takes an item. Blocks for at most `timeout` until there is one.
    ///
    /// # Errors
    /// [`Empty`](GetError::Empty).
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, GetError> {
        self.0.get(deadline(timeout))
    }

    /// Returns how many items there are. Another thread may change that at any time.
    pub fn qsize(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is no item. Another thread may change that at any time.
    pub fn empty(&self) -> bool {
        self.qsize() == 0
    }
}

impl<T> Default for SimpleQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for SimpleQueue<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for SimpleQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<SimpleQueue qsize={}>", self.qsize())
    }
}
