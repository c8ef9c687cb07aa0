//! The semaphore in shared memory.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::time::{Duration, Instant};

use crate::mapping::Zeroed;
use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::wait::{deadline, next_timeout, spin_until};

/// A counter of permits on a futex word. All zeros is a semaphore without permits and with bound 0; see
/// [`Self::set_up`].
///
/// No operation makes a system call while there are permits and no waiters. A waiter that is killed leaves nothing
/// worse than wake-ups for nobody: the remaining waiters check again after each
/// [`POLL_INTERVAL`](crate::wait::POLL_INTERVAL).
#[repr(C)]
pub(crate) struct RawSemaphore {
    permits: AtomicU32,
    /// How many threads are asleep or about to be.
    waiters: AtomicU32,
    bound: AtomicU32,
}

/// There are as many permits as there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReleasedTooOften;

// SAFETY: three integers that only atomics change; zeros are valid.
unsafe impl Zeroed for RawSemaphore {}

impl RawSemaphore {
    /// Python's `SEM_VALUE_MAX`.
    pub(crate) const MAX: u32 = i32::MAX as u32;

    /// Must be called first, before anyone else has the semaphore.
    pub(crate) fn set_up(&self, permits: u32, bound: u32) {
        self.permits.store(permits, Relaxed);
        self.bound.store(bound, Relaxed);
    }

    pub(crate) fn value(&self) -> u32 {
        self.permits.load(Relaxed)
    }

    pub(crate) fn bound(&self) -> u32 {
        self.bound.load(Relaxed)
    }

    pub(crate) fn try_acquire(&self) -> bool {
        // Acquire: this thread sees what was written before the release.
        self.permits
            .try_update(Acquire, Relaxed, |permits| permits.checked_sub(1))
            .is_ok()
    }

    pub(crate) fn acquire(&self) {
        self.acquire_until(None);
    }

    /// Returns whether a permit became free within `limit`.
    pub(crate) fn acquire_timeout(&self, limit: Duration) -> bool {
        self.acquire_until(deadline(limit))
    }

    fn acquire_until(&self, deadline: Option<Instant>) -> bool {
        if self.try_acquire() || spin_until(|| self.value() > 0 && self.try_acquire()) {
            return true;
        }
        // SeqCst, as in `release`: either the releaser sees the waiter, or the waiter's check of the permits (in
        // `futex_wait`) sees the release.
        self.waiters.fetch_add(1, SeqCst);
        let _blocked = Blocked::on(BlockedOn::Lock(0), deadline.is_some());
        let acquired = loop {
            if self.try_acquire() {
                break true;
            }
            let Some(timeout) = next_timeout(deadline) else {
                break false;
            };
            os::futex_wait(&self.permits, 0, timeout);
        };
        self.waiters.fetch_sub(1, Relaxed);
        acquired
    }

    pub(crate) fn release(&self) -> Result<(), ReleasedTooOften> {
        self.release_many(1)
    }

    /// Returns `n` permits or, if those are too many, none.
    pub(crate) fn release_many(&self, n: u32) -> Result<(), ReleasedTooOften> {
        let bound = self.bound();
        self.permits
            .try_update(SeqCst, Relaxed, |permits| {
                permits.checked_add(n).filter(|&permits| permits <= bound)
            })
            .map_err(|_| ReleasedTooOften)?;
        if self.waiters.load(SeqCst) > 0 {
            os::futex_wake(&self.permits, n.try_into().unwrap_or(i32::MAX));
        }
        Ok(())
    }
}

impl fmt::Display for ReleasedTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("semaphore or lock released too many times")
    }
}
