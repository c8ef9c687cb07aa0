//! Queues between threads: Python's `queue`.
//!
//! For queues between processes, which [`prelude`](crate::prelude) has, see [`queues`](crate::queues).
//!
//! ```
//! use std::thread;
//! use threadbook::queue::Queue;
//!
//! let orders = Queue::bounded(10);
//! let cook = thread::spawn({
//!     let orders = orders.clone();
//!     move || {
//!         while let Ok(order) = orders.get() {
//!             println!("{order} is served");
//!             orders.task_done().unwrap();
//!         }
//!     }
//! });
//! for order in ["soup", "fish"] {
//!     orders.put(order)?;
//! }
//! orders.join();
//! orders.shutdown(false);
//! cook.join().unwrap();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Python | Rust |
//! | --- | --- |
//! | `Queue()`, `Queue(maxsize=3)` | [`Queue::new()`](Queue), `Queue::bounded(3)` |
//! | `LifoQueue()`, `PriorityQueue()`, with a maxsize too | [`LifoQueue::new()`](LifoQueue), [`PriorityQueue::new()`](PriorityQueue), `bounded` |
//! | `SimpleQueue()` | [`SimpleQueue::new()`](SimpleQueue) |
//! | `q.put(x)` | `q.put(x)?` |
//! | `q.put_nowait(x)`, `q.put(x, timeout=1)`; they raise `Full` | `q.put_nowait(x)`, `q.put_timeout(x, second)`; [`PutError::Full`] |
//! | `q.get()` | `q.get()?` |
//! | `q.get_nowait()`, `q.get(timeout=1)`; they raise `Empty` | `q.get_nowait()`, `q.get_timeout(second)`; [`GetError::Empty`] |
//! | `q.task_done()`, `q.join()` | `q.task_done()?`, `q.join()` |
//! | `q.shutdown()`, `q.shutdown(immediate=True)` | `q.shutdown(false)`, `q.shutdown(true)` |
//! | `ShutDown` | [`PutError::ShutDown`], [`GetError::ShutDown`] |
//! | `q.qsize()`, `q.empty()`, `q.full()` | the same |
//!
//! What differs, and why:
//!
//! - An item that was not put comes back, in the [`PutError`]: it is not lost.
//! - Items that are sent to another thread belong to it: the compiler does not let the sender change them any more.
//! - A clone of a queue is the same queue. A forked [`Process`](crate::prelude::Process) has a copy of its own.
//!
//! Where one side needs no more than to send and the other no more than to receive, the standard library's
//! `mpsc::channel` does more: receiving ends by itself when the last sender is gone.

mod blocking;
mod error;
mod kinds;
mod simple;
mod storage;

pub use error::{GetError, PutError, TaskDoneTooOften};
pub use kinds::{LifoQueue, PriorityQueue, Queue};
pub use simple::SimpleQueue;
