//! Threads with Python's methods: Python's `threading`.
//!
//! For a program that is translated line by line. New programs are better off with the standard library's threads:
//!
//! | Instead of | prefer | because |
//! | --- | --- | --- |
//! | [`Thread`] | `std::thread::spawn`, `std::thread::scope` | `join` returns the closure's value, and scoped threads may borrow |
//! | [`Lock`] next to the data | `std::sync::Mutex::new(data)` | no one can use the data without the lock |
//! | [`Event`], [`Condition`] | channels, `std::sync::Condvar` | the same |
//! | a global with `threading.local()` | `thread_local!` | the compiler knows the type |
//!
//! The locks, semaphores, events, conditions and barriers are those of [`shared`](crate::shared): they work between
//! threads as well as between processes, so none can be the wrong kind.
//!
//! ```
//! use std::time::Duration;
//! use threadbook::threading::{Event, Thread, Timer};
//!
//! let go = Event::new();
//! let runner = Thread::named("runner", {
//!     let go = go.clone();
//!     move || go.wait()
//! });
//! runner.start()?;
//! Timer::new(Duration::from_millis(1), move || go.set()).start()?;
//! runner.join()?;
//! assert!(!runner.is_alive());
//! # Ok::<(), threadbook::threading::ThreadError>(())
//! ```
//!
//! | Python | Rust |
//! | --- | --- |
//! | `Thread(target=f, args=(1,))`, `Thread(target=f, name="n")` | [`Thread::new(\|\| f(1))`](Thread), `Thread::named("n", f)` |
//! | `Timer(1, f)` | [`Timer::new(Duration::from_secs(1), f)`](Timer) |
//! | `current_thread()`, `main_thread()` | [`current_thread()`], [`main_thread()`] |
//! | `active_count()`, `enumerate()` | [`active_count()`], [`enumerate()`] |
//! | `get_ident()`, `get_native_id()` | [`get_ident()`], [`get_native_id()`] |
//! | `Lock`, `RLock`, `Semaphore`, `BoundedSemaphore`, `Event`, `Condition`, `Barrier` | the same, see [`shared`](crate::shared) |
//! | `semaphore.release(2)` | `semaphore.release_many(2)` |
//! | `BrokenBarrierError` | [`BrokenBarrier`] |
//! | `threading.excepthook` | `std::panic::set_hook` |
//!
//! # The end
//!
//! A program that returns from `main` waits for the threads started here that are not daemons, as Python does; those of
//! `std::thread` end with it. The kernel of a notebook does not wait.

mod error;
mod exit;
mod name;
mod registry;
mod start;
mod thread;
mod timer;
mod unregistered_name;

pub use error::ThreadError;
pub use name::thread_name;
pub use registry::{active_count, current_thread, enumerate, main_thread};
pub use thread::{Thread, get_ident, get_native_id};
pub use timer::Timer;

pub use crate::shared::{
    Barrier, BoundedSemaphore, BrokenBarrier, Condition, ConditionGuard, Event, Lock, LockGuard,
    OwnerDied, Permit, RLock, RLockGuard, Semaphore,
};
