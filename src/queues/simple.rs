//! A queue without a thread and without a bound.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use super::byte_queue::ByteQueue;
use super::error::QueueError;
use crate::ipc::Item;
use crate::ipc::item::{bytes_of, take_value, with_buffer};
use crate::notebook::watched;

/// A queue with only `put`, `get` and `empty`: Python's `multiprocessing.SimpleQueue`.
///
/// It never starts a thread: while its memory is full (256 KiB), `put` blocks.
///
/// ```
/// use threadbook::prelude::*;
///
/// let q = SimpleQueue::new();
/// q.put((1, "one".to_string()))?;
/// assert_eq!(q.get()?, (1, "one".to_string()));
/// assert!(q.empty());
/// # Ok::<(), QueueError>(())
/// ```
pub struct SimpleQueue<T: Item> {
    byte_queue: Arc<ByteQueue>,
    item: PhantomData<fn(T) -> T>,
}

impl<T: Item> SimpleQueue<T> {
    /// Creates an empty queue.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new() -> Self {
        Self {
            byte_queue: Arc::new(ByteQueue::new(0)),
            item: PhantomData,
        }
    }

    /// Puts an item. Blocks until there is room.
    ///
    /// # Errors
    /// [`Item`](QueueError::Item), if the type's `Serialize` fails.
    #[track_caller]
    pub fn put(&self, item: T) -> Result<(), QueueError> {
        let place = Location::caller();
        with_buffer(|buffer| {
            let bytes = bytes_of(&item, buffer).map_err(QueueError::Item)?;
            watched::send(Some(self.byte_queue.identity()), place, || {
                self.byte_queue.put_and_wait(bytes);
                Ok(())
            })
        })
    }

    /// Takes an item. Blocks until there is one.
    ///
    /// # Errors
    /// [`WriterEnded`](QueueError::WriterEnded); [`Item`](QueueError::Item), if the type's `Deserialize` fails.
    #[track_caller]
    pub fn get(&self) -> Result<T, QueueError> {
        let place = Location::caller();
        with_buffer(|bytes| {
            let get = || self.byte_queue.get(bytes, None);
            watched::receive(Some(self.byte_queue.identity()), place, get)?;
            take_value(bytes).map_err(QueueError::Item)
        })
    }

    /// Returns whether the queue is empty. Another process may change that at any time.
    pub fn empty(&self) -> bool {
        self.byte_queue.len() == 0
    }
}

impl<T: Item> Default for SimpleQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Item> Clone for SimpleQueue<T> {
    fn clone(&self) -> Self {
        Self {
            byte_queue: Arc::clone(&self.byte_queue),
            item: PhantomData,
        }
    }
}

impl<T: Item> fmt::Debug for SimpleQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<SimpleQueue>")
    }
}
