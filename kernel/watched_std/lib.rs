//! The standard library for watched cells: `std` with locks, conditions, channels and atomics that record what happens to them.
//!
//! The engine adds `extern crate threadbook_std as std;` to the source of a watched cell, so that every path of the cell that begins
//! with `std` leads here. Macros and the prelude keep the real one.
//!
//! The types here are transparent wrappers: a variable that a watched cell has made has the layout that it would have in any other
//! cell, which may use it as `std`'s own type, and the other way round. So nothing is stored in them: what happens to a lock is recorded
//! under its address. Each dereferences to `std`'s type, for functions of crates that take that.
//!
//! It is compiled once per compiler. It uses nightly features, which no cell sees.

#![feature(mutex_data_ptr, rwlock_data_ptr)]

pub mod any;
mod events;

pub use ::std::*;

/// `std::sync` in watched cells.
pub mod sync {
    pub use self::condvar::Condvar;
    pub use self::mutex::{Mutex, MutexGuard};
    pub use self::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
    pub use ::std::sync::*;

    pub mod atomic;
    mod condvar;
    pub mod mpsc;
    mod mutex;
    mod rwlock;
}
