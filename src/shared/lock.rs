//! The lock that any process may release.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::raw_lock::{OwnerDied, RawLock};
use super::release_guard::{Release, ReleaseGuard};
use crate::mapping::Shared;
use crate::os;
use crate::process::current_process;
use crate::threading::thread_name;

/// A lock between processes: Python's `multiprocessing.Lock`.
///
/// A clone is the same lock. It belongs to no one: any thread of any process may release it. A thread that acquires it
/// twice deadlocks; use [`RLock`](super::RLock) for that.
///
/// | Python | Rust |
/// | --- | --- |
/// | `Lock()` | `Lock::new()` |
/// | `with lock:` | `let _guard = lock.lock();` |
/// | `lock.acquire()` | `lock.acquire()?` |
/// | `lock.acquire(block=False)` | `lock.try_acquire()` |
/// | `lock.acquire(timeout=1)` | `lock.acquire_timeout(Duration::from_secs(1))?` |
/// | `lock.release()`; ValueError if it is free | `lock.release()`; panics if it is free |
/// | the owner was killed: waits for ever | `Err(OwnerDied)`, `lock` panics |
///
/// ```
/// use threadbook::prelude::*;
///
/// let lock = Lock::new();
/// let in_child = lock.clone();
/// let mut p = Process::new(move || {
///     let _guard = in_child.lock();
///     println!("one process at a time");
/// });
/// p.start()?;
/// p.join()?;
/// lock.acquire()?;
/// assert_eq!(repr(&lock), "<Lock(owner=MainProcess)>");
/// lock.release();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `acquire` returns a `Result` because the death of the owner is not a mistake of the caller, and what the lock
/// protects may be half done. `release` does not, because releasing a free lock is a mistake in the program.
#[derive(Clone)]
pub struct Lock(Arc<Shared<RawLock>>);

/// A [`Lock`], held until this is dropped.
///
/// In a forked child, the copy of a guard holds nothing: dropping it does nothing.
#[must_use = "the lock is released at once if the guard is not kept"]
#[derive(Debug)]
pub struct LockGuard<'a>(#[expect(dead_code, reason = "its drop releases")] ReleaseGuard<'a, Lock>);

impl Lock {
    /// Creates a free lock.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new() -> Self {
        Self(Arc::new(Shared::new("lock")))
    }

    /// Acquires the lock. Blocks until it is free.
    ///
    /// # Errors
    /// The owner has exited without releasing it.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> Result<(), OwnerDied> {
        self.0.acquire()
    }

    /// Acquires the lock if it is free now.
    #[must_use = "without the lock the work is not protected"]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.0.try_acquire()
    }

    /// Acquires the lock. Blocks for at most `limit`; returns false if it was not free in time.
    ///
    /// # Errors
    /// The owner has exited without releasing it.
    #[track_caller]
    pub fn acquire_timeout(&self, limit: Duration) -> Result<bool, OwnerDied> {
        self.0.acquire_timeout(limit)
    }

    /// Returns whether someone holds the lock now: Python's `locked`, new in 3.14.
    pub fn locked(&self) -> bool {
        self.0.owner() != 0
    }

    /// Releases the lock, whoever holds it.
    ///
    /// # Panics
    /// `semaphore or lock released too many times`: it is free.
    #[inline]
    #[track_caller]
    pub fn release(&self) {
        if let Err(error) = self.0.release() {
            panic!("{error}");
        }
    }

    /// Acquires the lock until the guard is dropped: Python's `with lock:`.
    ///
    /// # Panics
    /// If the owner has exited without releasing it.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> LockGuard<'_> {
        if let Err(error) = self.acquire() {
            panic!("{error}");
        }
        LockGuard(ReleaseGuard::new(self))
    }

    pub(super) fn raw(&self) -> &RawLock {
        &self.0
    }
}

impl Default for Lock {
    fn default() -> Self {
        Self::new()
    }
}

impl Release for Lock {
    #[inline]
    fn release_quietly(&self) {
        let _ = self.0.release();
    }
}

/// As Python prints it: `<Lock(owner=None)>`.
impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Lock(owner={})>", owner_name(&self.0))
    }
}

/// Returns the owner of the lock, in Python's words.
pub(super) fn owner_name(lock: &RawLock) -> String {
    if lock.owner() == 0 {
        "None".into()
    } else if lock.is_mine() {
        let process = current_process().name().to_owned();
        match thread_name() {
            name if name == "MainThread" => process,
            name => format!("{process}|{name}"),
        }
    } else if lock.owner_pid() == os::process_id() {
        "SomeOtherThread".into()
    } else {
        "SomeOtherProcess".into()
    }
}
