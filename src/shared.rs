//! Shared memory, and the primitives by which processes wait for each other.
//!
//! Everything here is in memory that a forked process shares with its parent. A clone is the same object, not a copy:
//! give a clone to each [`Process`](crate::prelude::Process). As in Python, starting a process is the only way to hand
//! one on. Sending one does not compile:
//!
//! ```compile_fail,E0277
//! use threadbook::prelude::*;
//!
//! Queue::new().put(Value::new(0));
//! ```
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let (lock, squares, done) = (Lock::new(), Array::zeroed(3), Event::new());
//! let mut p = Process::new({
//!     let (lock, squares, done) = (lock.clone(), squares.clone(), done.clone());
//!     move || {
//!         for n in 0..3 {
//!             let _guard = lock.lock();
//!             squares.set(n, n * n);
//!         }
//!         done.set();
//!     }
//! });
//! p.start()?;
//! done.wait();
//! assert_eq!(squares.to_vec(), [0, 1, 4]);
//! p.join()?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! | Python | Rust | |
//! | --- | --- | --- |
//! | `Value('i', 0)`, `Array('i', 4)` | [`Value::new(0)`](Value), [`Array::zeroed(4)`](Array) | one number, several; with a lock |
//! | `Value('i', 0, lock=False)`, `RawValue` | [`Value::unlocked(0)`](RawValue) | without |
//! | `Lock()` | [`Lock::new()`](Lock) | one at a time; anyone may release |
//! | `RLock()` | [`RLock::new()`](RLock) | its owner may acquire it again |
//! | `Semaphore(n)`, `BoundedSemaphore(n)` | [`Semaphore::new(n)`](Semaphore), [`BoundedSemaphore::new(n)`](BoundedSemaphore) | n at a time |
//! | `Event()` | [`Event::new()`](Event) | a flag to wait for |
//! | `Condition()` | [`Condition::new()`](Condition) | wait for a change, under a lock |
//! | `Barrier(n)` | [`Barrier::new(n)`](Barrier) | wait until n have arrived |
//! | `with lock:` | `let _guard = lock.lock();` | until the guard is dropped |
//! | `timeout=1` | `acquire_timeout(Duration::from_secs(1))` | and so on |
//! | ValueError, AssertionError: a mistake in the program | a panic with the same text | |
//! | the owner of a lock was killed: its waiters wait for ever | [`OwnerDied`], which names it | an `Err`, or a panic where there is a guard |
//!
//! # How long things take
//!
//! Taking a free lock or semaphore is one atomic instruction, without a system call. A waiter spins briefly, then
//! sleeps (on a futex) until it is woken. It also wakes by itself every 50 ms, to check whether the owner still lives.

mod array;
mod barrier;
mod condition;
mod event;
mod lock;
mod plain;
mod raw_lock;
mod raw_value;
mod release_guard;
mod rlock;
mod semaphore;
mod synchronized;
mod value;
mod wait_list;

pub use array::{Array, ArrayGuard};
pub use barrier::{Barrier, BrokenBarrier};
pub use condition::{Condition, ConditionGuard, ConditionLock};
pub use event::Event;
pub use lock::{Lock, LockGuard};
pub use plain::Plain;
pub use raw_lock::OwnerDied;
pub use raw_value::{RawArray, RawValue, Scalar};
pub use rlock::{RLock, RLockGuard};
pub use semaphore::{BoundedSemaphore, Permit, Semaphore};
pub use value::{Value, ValueGuard};

#[cfg(test)]
mod tests;
