//! The standard library for explored cells: `std` with locks, conditions, channels, atomics and printing that let the kernel's runtime
//! decide which thread goes on.
//!
//! The engine adds `extern crate threadbook_std as std;` to the source of an explored cell, as for a watched one (`watched_std`), and the
//! types here are transparent wrappers for the same reason: an explored cell may use variables of earlier cells, which have `std`'s own
//! types.
//!
//! Threads, joins, sleeps, and all waits that `std` or a crate makes by a futex are seen by the runtime itself
//! (`src/runtime/schedule`), so nothing here is needed for them.
//!
//! It is compiled once per compiler. It uses nightly features, which no cell sees.

#![feature(mpmc_channel, mutex_data_ptr, rwlock_data_ptr)]

pub mod printing;
mod steps;

pub use ::std::*;

/// `std::sync` in explored cells.
pub mod sync {
    pub use self::barrier::Barrier;
    pub use self::condvar::{Condvar, WaitTimeoutResult};
    pub use self::lazy_lock::LazyLock;
    pub use self::mutex::{Mutex, MutexGuard};
    pub use self::once::Once;
    pub use self::once_lock::OnceLock;
    pub use self::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
    pub use ::std::sync::*;

    pub mod atomic;
    mod barrier;
    mod condvar;
    mod lazy_lock;
    pub mod mpsc;
    mod mutex;
    mod once;
    mod once_lock;
    mod rwlock;
}
