//! The three queues, which differ in the order of their items alone.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::blocking::Blocking;
use super::error::{GetError, PutError, TaskDoneTooOften};
use super::storage::{Fifo, Lifo, Sorted};
use crate::wait::deadline;

macro_rules! queue {
    ($(#[$about:meta])* $name:ident<T $(: $bound:ident)?>, $storage:ident) => {
        $(#[$about])*
        pub struct $name<T $(: $bound)?>(Arc<Blocking<T, $storage<T>>>);

        impl<T $(: $bound)?> $name<T> {
            /// Creates a queue of any number of items.
            pub fn new() -> Self {
                Self::bounded(0)
            }

            /// Creates a queue of at most `maxsize` items at a time; 0 means any number, as in Python.
            #[doc(alias = "maxsize")]
            pub fn bounded(maxsize: usize) -> Self {
                Self(Arc::new(Blocking::new(maxsize)))
            }

            /// Puts an item. Blocks while the queue is full.
            ///
            /// # Errors
            /// [`ShutDown`](PutError::ShutDown), also if the queue is shut down during the wait.
            pub fn put(&self, item: T) -> Result<(), PutError<T>> {
                self.0.put(item, None)
            }

            /// Puts an item if the queue is not full now.
            ///
            /// # Errors
            /// [`Full`](PutError::Full); [`ShutDown`](PutError::ShutDown).
            pub fn put_nowait(&self, item: T) -> Result<(), PutError<T>> {
                self.0.put(item, Some(Instant::now()))
            }

            /// Puts an item. Blocks for at most `timeout` while the queue is full.
            ///
            /// # Errors
            /// [`Full`](PutError::Full); [`ShutDown`](PutError::ShutDown).
            pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), PutError<T>> {
                self.0.put(item, deadline(timeout))
            }

            /// Takes an item. Blocks until there is one.
            ///
            /// # Errors
            /// [`ShutDown`](GetError::ShutDown), if the queue is shut down and empty.
            pub fn get(&self) -> Result<T, GetError> {
                self.0.get(None)
            }

            /// Takes an item if there is one now.
            ///
            /// # Errors
            /// [`Empty`](GetError::Empty); [`ShutDown`](GetError::ShutDown).
            pub fn get_nowait(&self) -> Result<T, GetError> {
                self.0.get(Some(Instant::now()))
            }

            /// Takes an item. Blocks for at most `timeout` until there is one.
            ///
            /// # Errors
            /// [`Empty`](GetError::Empty); [`ShutDown`](GetError::ShutDown).
            pub fn get_timeout(&self, timeout: Duration) -> Result<T, GetError> {
                self.0.get(deadline(timeout))
            }

            /// Reports that an item that was taken is processed.
            ///
            /// # Errors
            /// Every item that was put was reported already.
            pub fn task_done(&self) -> Result<(), TaskDoneTooOften> {
                self.0.task_done()
            }

            /// Blocks until every item that was put is reported done.
            pub fn join(&self) {
                self.0.join();
            }

            /// Ends the queue: from here on, nothing can be put, and taking from the empty queue is an error. Who waits
            /// to put, or for an item that does not come, gets that error too.
            ///
            /// With `immediate`, the items in the queue are dropped, and count as done.
            pub fn shutdown(&self, immediate: bool) {
                // The items are dropped here, where the queue is not locked.
                drop(self.0.shut_down(immediate));
            }

            /// Returns how many items there are. Another thread may change that at any time.
            pub fn qsize(&self) -> usize {
                self.0.len()
            }

            /// Returns whether there is no item. Another thread may change that at any time.
            pub fn empty(&self) -> bool {
                self.qsize() == 0
            }

            /// Returns whether a bounded queue is full. Another thread may change that at any time.
            pub fn full(&self) -> bool {
                self.0.full()
            }
        }

        impl<T $(: $bound)?> Default for $name<T> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<T $(: $bound)?> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self(Arc::clone(&self.0))
            }
        }

        impl<T $(: $bound)?> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (size, unfinished) = (self.qsize(), self.0.unfinished());
                write!(f, "<{} qsize={size} unfinished={unfinished}>", stringify!($name))
            }
        }
    };
}

queue! {
    /// A queue between threads, whose oldest item comes first: Python's `queue.Queue`.
    ///
    /// A clone is the same queue. The [module](super) has the table of its methods.
    ///
    /// ```
    /// use threadbook::queue::{GetError, Queue};
    ///
    /// let words = Queue::new();
    /// words.put("one")?;
    /// words.put("two")?;
    /// assert_eq!(words.get(), Ok("one"));
    /// assert_eq!(words.get(), Ok("two"));
    /// assert_eq!(words.get_nowait(), Err(GetError::Empty));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Queue<T>, Fifo
}

queue! {
    /// A queue between threads, whose newest item comes first: Python's `queue.LifoQueue`.
    ///
    /// ```
    /// use threadbook::queue::LifoQueue;
    ///
    /// let plates = LifoQueue::new();
    /// plates.put("below")?;
    /// plates.put("above")?;
    /// assert_eq!(plates.get(), Ok("above"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    LifoQueue<T>, Lifo
}

queue! {
    /// A queue between threads, whose smallest item comes first: Python's `queue.PriorityQueue`.
    ///
    /// Items are often tuples of a priority and more. All parts are compared, so they need `Ord`, which `f64` does not
    /// have. Where Python finds two items that cannot be compared only when they meet, here the compiler says so.
    ///
    /// ```
    /// use threadbook::queue::PriorityQueue;
    ///
    /// let patients = PriorityQueue::new();
    /// patients.put((3, "cough"))?;
    /// patients.put((1, "heart"))?;
    /// assert_eq!(patients.get(), Ok((1, "heart")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    PriorityQueue<T: Ord>, Sorted
}
