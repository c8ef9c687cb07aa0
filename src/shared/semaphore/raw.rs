//! The semaphore in shared memory.

use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::time::{Duration, Instant};

use crate::mapping::Zeroed;
use crate::notebook::steps::{self, Kind};
use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::wait::{deadline, sleep, spin_until};

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

    #[track_caller]
    pub(crate) fn value(&self) -> u32 {
        steps::make(Kind::Load, self.identity(), Location::caller(), || {
            let permits = self.value_now();
            (permits, permits, permits)
        })
    }

    pub(super) fn value_now(&self) -> u32 {
        self.permits.load(Relaxed)
    }

    pub(crate) fn bound(&self) -> u32 {
        self.bound.load(Relaxed)
    }

    #[track_caller]
    pub(crate) fn try_acquire(&self) -> bool {
        steps::take_turn(Kind::Acquire, self.identity(), Location::caller());
        let is_taken = self.take();
        if !is_taken {
            steps::became(Kind::AcquireFailed, 0, 0);
        }
        is_taken
    }

    #[track_caller]
    pub(crate) fn acquire(&self) {
        self.acquire_until(None);
    }

    /// Returns whether a permit became free within `limit`.
    #[track_caller]
    pub(crate) fn acquire_timeout(&self, limit: Duration) -> bool {
        self.acquire_until(deadline(limit))
    }

    #[track_caller]
    fn acquire_until(&self, deadline: Option<Instant>) -> bool {
        if !self.take_turn(deadline.is_some()) {
            steps::became(Kind::AcquireFailed, 0, 0);
            return false;
        }
        if self.take() || spin_until(|| self.value_now() > 0 && self.take()) {
            return true;
        }
        // SeqCst, as in `release`: either the releaser sees the waiter, or the waiter's check of the permits (in
        // `futex_wait`) sees the release.
        self.waiters.fetch_add(1, SeqCst);
        let _blocked = Blocked::on(BlockedOn::Lock(0), deadline.is_some());
        let acquired = loop {
            if self.take() {
                break true;
            }
            if !sleep(deadline, |limit| os::futex_wait(&self.permits, 0, limit)) {
                break false;
            }
        };
        self.waiters.fetch_sub(1, Relaxed);
        acquired
    }

    /// Takes a permit if there is one.
    fn take(&self) -> bool {
        // Acquire: this thread sees what was written before the release.
        let taken = self
            .permits
            .try_update(Acquire, Relaxed, |permits| permits.checked_sub(1));
        if let Ok(before) = taken {
            steps::became(Kind::Acquire, before, before - 1);
        }
        taken.is_ok()
    }

    #[track_caller]
    pub(crate) fn release(&self) -> Result<(), ReleasedTooOften> {
        self.release_many(1)
    }

    /// Returns `n` permits or, if those are too many, none.
    #[track_caller]
    pub(crate) fn release_many(&self, n: u32) -> Result<(), ReleasedTooOften> {
        let bound = self.bound();
        steps::take_turn(Kind::Release, self.identity(), Location::caller());
        let before = self
            .permits
            .try_update(SeqCst, Relaxed, |permits| {
                permits.checked_add(n).filter(|&permits| permits <= bound)
            })
            .map_err(|_| ReleasedTooOften)?;
        steps::became(Kind::Release, before, before + n);
        if self.waiters.load(SeqCst) > 0 {
            os::futex_wake(&self.permits, n.try_into().unwrap_or(i32::MAX));
        }
        Ok(())
    }

    /// Waits for the turn to take a permit, if the cell is explored. Returns false if its time is over instead.
    #[inline]
    #[track_caller]
    fn take_turn(&self, is_timed: bool) -> bool {
        /// # Safety
        /// `permits` is the address of a semaphore's permits.
        unsafe extern "C" fn has_permit(permits: *const u8) -> bool {
            // SAFETY: the caller's promise.
            let permits = unsafe { &*permits.cast::<AtomicU32>() };
            permits.load(Relaxed) > 0
        }
        let (permits, place) = (self.identity(), Location::caller());
        // SAFETY: the identity is the permits' address, which is the same in all processes that share the semaphore: they are forks of
        // the one that made it.
        unsafe { steps::take_turn_until(Kind::Acquire, permits, place, is_timed, has_permit) }
    }

    /// The address of the permits, by which the kernel knows the semaphore.
    fn identity(&self) -> usize {
        self.permits.as_ptr().expose_provenance()
    }
}

impl fmt::Display for ReleasedTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("semaphore or lock released too many times")
    }
}
