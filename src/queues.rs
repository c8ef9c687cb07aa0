//! Queues between processes: Python's `multiprocessing.Queue` and its relatives.
//!
//! For queues between threads, see [`queue`](crate::queue).
//!
//! | Python | Rust here |
//! | --- | --- |
//! | `Queue()`, `Queue(3)` | `Queue::new()`, `Queue::bounded(3)` |
//! | `q.put(x)` | `q.put(x)?` |
//! | `q.put(x, timeout=1)`, `q.put_nowait(x)` raise `Full` | `q.put_timeout(x, second)`, `q.put_nowait(x)` are `Err(QueueError::Full)` |
//! | `q.get()` | `q.get()?` |
//! | `q.get(timeout=1)`, `q.get_nowait()` raise `Empty` | `q.get_timeout(second)`, `q.get_nowait()` are `Err(QueueError::Empty)` |
//! | `q.empty()`, `q.full()`, `q.qsize()` | the same |
//! | `q.close()`, `q.join_thread()`, `q.cancel_join_thread()` | the same |
//! | `SimpleQueue()` | `SimpleQueue::new()` |
//! | `JoinableQueue()`, `q.task_done()`, `q.join()` | `JoinableQueue::new()`, `q.task_done()?`, `q.join()` |
//!
//! What differs, and why:
//!
//! - `put` serializes the item, not a thread later. So an item that is changed after the `put` arrives as it was, and
//!   one that cannot be sent does not compile, where Python drops it and prints a traceback.
//! - `put` writes to shared memory itself. When that is full (256 KiB), it waits for a reader, at most a millisecond
//!   and only as long as that helps; then it starts a `QueueFeederThread`, which exits when everything is written. So
//!   once `put` has returned, `empty()` is false in every process until someone takes the item; in Python it may still
//!   be true. After the only item was taken, `empty()` is true.
//! - A process that is killed does not block the others. Items that it had put but not written are lost: a reader that
//!   would wait for them gets [`QueueError::WriterEnded`], once, and the queue goes on. So does a reader that takes an
//!   item of which only the beginning was written. In Python both wait for ever.
//!
//! As in Python, a queue has any number of writers and readers, each item goes to one reader, and the items of one
//! writer arrive in order. A process that exits waits until its items are written. So `p.join()` before `q.get()`
//! deadlocks if `p` puts more than fits: take the items first.

mod backoff;
mod byte_queue;
mod error;
mod feeder;
mod joinable;
mod pending_items;
mod simple;
mod storage;

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use error::QueueError;
pub use joinable::JoinableQueue;
pub use simple::SimpleQueue;

use self::byte_queue::ByteQueue;
use crate::ipc::Item;
use crate::ipc::item::{bytes_of, take_value, with_buffer};
use crate::notebook::watched;

/// A queue between processes: Python's `multiprocessing.Queue`.
///
/// A clone is the same queue, also in a [`Process`](crate::prelude::Process) that received it. The [module](self)
/// describes the differences from Python's.
///
/// ```
/// use threadbook::prelude::*;
///
/// let q = Queue::new();
/// let in_child = q.clone();
/// let mut p = Process::new(move || {
///     for word in ["one", "two"] {
///         in_child.put(word.to_string()).unwrap();
///     }
/// });
/// p.start()?;
/// assert_eq!(q.get()?, "one");
/// assert_eq!(q.get()?, "two");
/// p.join()?;
/// assert!(q.empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Queue<T: Item> {
    byte_queue: Arc<ByteQueue>,
    item: PhantomData<fn(T) -> T>,
}

impl<T: Item> Queue<T> {
    /// Creates a queue of any number of items.
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
            byte_queue: Arc::new(ByteQueue::new(maxsize)),
            item: PhantomData,
        }
    }

    /// Puts an item. Blocks while a bounded queue is full.
    ///
    /// # Errors
    /// [`Closed`](QueueError::Closed); [`Item`](QueueError::Item), if the type's `Serialize` fails.
    #[track_caller]
    pub fn put(&self, item: T) -> Result<(), QueueError> {
        self.put_until(&item, None)
    }

    /// Puts an item if the queue is not full now.
    ///
    /// # Errors
    /// As [`put`](Self::put), and [`Full`](QueueError::Full).
    #[track_caller]
    pub fn put_nowait(&self, item: T) -> Result<(), QueueError> {
        self.put_timeout(item, Duration::ZERO)
    }

    /// Puts an item. Blocks for at most `timeout` while the queue is full.
    ///
    /// # Errors
    /// As [`put`](Self::put), and [`Full`](QueueError::Full).
    #[track_caller]
    pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), QueueError> {
        self.put_until(&item, Instant::now().checked_add(timeout))
    }

    /// Takes an item. Blocks until there is one.
    ///
    /// # Errors
    /// [`Closed`](QueueError::Closed); [`WriterEnded`](QueueError::WriterEnded);
    /// [`Item`](QueueError::Item), if the type's `Deserialize` fails.
    #[track_caller]
    pub fn get(&self) -> Result<T, QueueError> {
        self.get_until(None)
    }

    /// Takes an item if there is one now.
    ///
    /// # Errors
    /// As [`get`](Self::get), and [`Empty`](QueueError::Empty).
    #[track_caller]
    pub fn get_nowait(&self) -> Result<T, QueueError> {
        self.get_timeout(Duration::ZERO)
    }

    /// Takes an item. Blocks for at most `timeout` until there is one.
    ///
    /// # Errors
    /// As [`get`](Self::get), and [`Empty`](QueueError::Empty).
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, QueueError> {
        self.get_until(Instant::now().checked_add(timeout))
    }

    /// Returns how many items any process has put and none has taken.
    pub fn qsize(&self) -> usize {
        self.byte_queue.len() as usize
    }

    /// Returns whether the queue is empty. Another process may change that at any time.
    pub fn empty(&self) -> bool {
        self.byte_queue.len() == 0
    }

    /// Returns whether a bounded queue is full. Another process may change that at any time.
    pub fn full(&self) -> bool {
        self.byte_queue.is_full()
    }

    /// Closes the queue in this process: later calls of `put` and `get` here are errors. Items that were put still
    /// arrive.
    pub fn close(&self) {
        self.byte_queue.feeder().close();
    }

    /// Blocks until all items of this process are written. The process does the same when it exits.
    ///
    /// # Panics
    /// If the queue was not closed here before.
    pub fn join_thread(&self) {
        let feeder = self.byte_queue.feeder();
        assert!(
            feeder.is_closed(),
            "close the queue before join_thread: more items may come"
        );
        feeder.join();
    }

    /// Lets this process exit at once, even if some of its items are not written: those are lost.
    pub fn cancel_join_thread(&self) {
        self.byte_queue.feeder().cancel_join();
    }

    #[track_caller]
    fn put_until(&self, item: &T, deadline: Option<Instant>) -> Result<(), QueueError> {
        let place = Location::caller();
        with_buffer(|buffer| {
            let bytes = bytes_of(item, buffer).map_err(QueueError::Item)?;
            let put = || self.byte_queue.put(bytes, deadline);
            watched::send(Some(self.byte_queue.identity()), place, put)
        })
    }

    #[track_caller]
    fn get_until(&self, deadline: Option<Instant>) -> Result<T, QueueError> {
        let place = Location::caller();
        with_buffer(|bytes| {
            let get = || self.byte_queue.get(bytes, deadline);
            watched::receive(Some(self.byte_queue.identity()), place, get)?;
            take_value(bytes).map_err(QueueError::Item)
        })
    }
}

impl<T: Item> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Item> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self {
            byte_queue: Arc::clone(&self.byte_queue),
            item: PhantomData,
        }
    }
}

impl<T: Item> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Queue qsize={}>", self.qsize())
    }
}
