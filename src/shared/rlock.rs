//! The lock that its owner may acquire again.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::time::Duration;

use super::lock::owner_name;
use super::raw_lock::{OwnerDied, RawLock};
use super::release_guard::{Release, ReleaseGuard};
use crate::mapping::{Shared, Zeroed};
use crate::notebook::watched::Place;

/// A re-entrant lock between processes: Python's `multiprocessing.RLock`.
///
/// A clone is the same lock. The thread that holds it may acquire it again, and must release it as often; no other
/// thread may release it. A forked child does not hold the lock of its parent.
///
/// ```
/// use threadbook::prelude::*;
///
/// let lock = RLock::new();
/// let outer = lock.lock();
/// let inner = lock.lock();
/// assert_eq!(repr(&lock), "<RLock(MainProcess, 2)>");
/// drop((outer, inner));
/// assert_eq!(repr(&lock), "<RLock(None, 0)>");
/// ```
///
/// The methods are those of [`Lock`](super::Lock).
#[derive(Clone)]
pub struct RLock(Arc<Shared<RawRLock>>);

/// An [`RLock`], held until this is dropped. Stays on its thread.
///
/// In a forked child, the copy of a guard holds nothing: dropping it does nothing.
#[must_use = "the lock is released at once if the guard is not kept"]
#[derive(Debug)]
pub struct RLockGuard<'a> {
    #[expect(dead_code, reason = "its drop releases")]
    guard: ReleaseGuard<'a, RLock>,
    not_send: PhantomData<*const ()>,
}

/// The lock in shared memory. All zeros is an unlocked lock.
#[repr(C)]
pub(super) struct RawRLock {
    lock: RawLock,
    /// How often the owner has acquired the lock after the first time. Only the owner accesses it.
    again: AtomicU32,
}

/// A lock inside of something else, of which a watched or explored cell tells nothing.
#[repr(transparent)]
pub(super) struct InternalLock(RawRLock);

/// A thread other than the owner has called `release`.
pub(super) struct NotOwned;

// SAFETY: a lock that may be in shared memory, and an integer that only atomics change; zeros are valid.
unsafe impl Zeroed for RawRLock {}
// SAFETY: as its only field.
unsafe impl Zeroed for InternalLock {}

impl RLock {
    /// Creates a free lock.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new() -> Self {
        Self(Arc::new(Shared::new("lock")))
    }

    /// Acquires the lock. Blocks until it is free or the caller's.
    ///
    /// # Errors
    /// The owner has exited without releasing it.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> Result<(), OwnerDied> {
        self.0.acquire()
    }

    /// Acquires the lock if it is free or the caller's now.
    #[must_use = "without the lock the work is not protected"]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.0.acquire_again() || self.0.lock.try_acquire()
    }

    /// Acquires the lock. Blocks for at most `limit`; returns false if it was not free in time.
    ///
    /// # Errors
    /// The owner has exited without releasing it.
    #[track_caller]
    pub fn acquire_timeout(&self, limit: Duration) -> Result<bool, OwnerDied> {
        match self.0.acquire_again() {
            true => Ok(true),
            false => self.0.lock.acquire_timeout(limit),
        }
    }

    /// Returns whether someone holds the lock now: Python's `locked`, new in 3.14.
    pub fn locked(&self) -> bool {
        self.0.lock.owner() != 0
    }

    /// Undoes one `acquire` of this thread.
    ///
    /// # Panics
    /// `attempt to release recursive lock not owned by thread`
    #[inline]
    #[track_caller]
    pub fn release(&self) {
        if self.0.release().is_err() {
            panic!("attempt to release recursive lock not owned by thread");
        }
    }

    /// Acquires the lock until the guard is dropped: Python's `with lock:`.
    ///
    /// # Panics
    /// If the owner has exited without releasing it.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> RLockGuard<'_> {
        if let Err(error) = self.acquire() {
            panic!("{error}");
        }
        RLockGuard {
            guard: ReleaseGuard::new(self),
            not_send: PhantomData,
        }
    }

    pub(super) fn raw(&self) -> &RawRLock {
        &self.0
    }
}

impl Default for RLock {
    fn default() -> Self {
        Self::new()
    }
}

impl Release for RLock {
    #[inline]
    fn release_quietly(&self) {
        self.0.release_quietly();
    }
}

impl Release for RawRLock {
    #[inline]
    fn release_quietly(&self) {
        let _ = self.release();
    }
}

/// As Python prints it: `<RLock(None, 0)>`.
impl fmt::Debug for RLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = owner_name(&self.0.lock);
        if owner == "None" {
            f.write_str("<RLock(None, 0)>")
        } else if self.0.lock.is_mine() {
            write!(f, "<RLock({owner}, {})>", self.0.times())
        } else {
            write!(f, "<RLock({owner}, nonzero)>")
        }
    }
}

impl RawRLock {
    #[inline]
    #[track_caller]
    pub(super) fn acquire(&self) -> Result<(), OwnerDied> {
        match self.acquire_again() {
            true => Ok(()),
            false => self.lock.acquire(),
        }
    }

    #[inline]
    pub(super) fn release(&self) -> Result<(), NotOwned> {
        if !self.lock.is_mine() {
            return Err(NotOwned);
        }
        match self.release_again() {
            true => Ok(()),
            false => self.lock.release().map_err(|_| NotOwned),
        }
    }

    /// Releases a lock that the caller holds to wait for the condition at an address, no matter how often it was acquired. Returns what
    /// [`Self::restore`] needs.
    pub(super) fn release_all_to_wait(&self, condition: usize, place: Place) -> u32 {
        let again = self.again.swap(0, Relaxed);
        // The caller holds the lock, so it is not free.
        let _ = self.lock.release_to_wait(condition, place);
        again
    }

    /// To be called after the caller has acquired the lock once more.
    pub(super) fn restore(&self, again: u32) {
        self.again.store(again, Relaxed);
    }

    pub(super) fn lock(&self) -> &RawLock {
        &self.lock
    }

    /// Returns how often the owner, which is the caller, has acquired it.
    fn times(&self) -> u32 {
        self.again.load(Relaxed) + 1
    }

    /// Acquires a lock once more that the caller holds. Returns whether it does.
    #[inline]
    fn acquire_again(&self) -> bool {
        let mine = self.lock.is_mine();
        if mine {
            let again = self.again.load(Relaxed);
            self.again.store(again + 1, Relaxed);
        }
        mine
    }
    /// Undoes an `acquire` of the owner, which is the caller, but the first. Returns false if that is the last one.
    #[inline]
    fn release_again(&self) -> bool {
        let again = self.again.load(Relaxed);
        if again > 0 {
            self.again.store(again - 1, Relaxed);
        }
        again > 0
    }
}

impl InternalLock {
    pub(super) fn acquire(&self) -> Result<(), OwnerDied> {
        match self.0.acquire_again() {
            true => Ok(()),
            false => self.0.lock.acquire_unrecorded(),
        }
    }

    /// As [`RawLock::check_owner`].
    pub(super) fn check_owner(&self) -> Result<(), OwnerDied> {
        self.0.lock.check_owner()
    }
}

impl Release for InternalLock {
    fn release_quietly(&self) {
        if self.0.lock.is_mine() && !self.0.release_again() {
            let _ = self.0.lock.release_unrecorded();
        }
    }
}
