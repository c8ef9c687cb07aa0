//! Counting semaphores in shared memory.

mod raw;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use raw::RawSemaphore;
pub(super) use raw::ReleasedTooOften;

use super::release_guard::{Release, ReleaseGuard};
use crate::mapping::Shared;

/// A counter of permits in shared memory: Python's `multiprocessing.Semaphore`.
///
/// A clone is the same semaphore. [`acquire`](Self::acquire) takes a permit and blocks while there is none,
/// [`release`](Self::release) returns one. Permits belong to no one: any thread of any process may release, even more
/// often than was acquired. So no one can tell that a process was killed while it held a permit, and the permit is then
/// lost.
///
/// ```
/// use threadbook::prelude::*;
///
/// let two_at_a_time = Semaphore::new(2);
/// let in_child = two_at_a_time.clone();
/// let mut p = Process::new(move || {
///     let _permit = in_child.permit();
///     println!("one of at most two");
/// });
/// p.start()?;
/// p.join()?;
/// assert_eq!(two_at_a_time.value(), 2);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Semaphore(Arc<Shared<RawSemaphore>>);

/// A [`Semaphore`] that never has more permits than it started with: Python's `multiprocessing.BoundedSemaphore`.
///
/// ```
/// use threadbook::prelude::*;
///
/// let parking = BoundedSemaphore::new(2);
/// parking.acquire();
/// assert_eq!(repr(&parking), "<BoundedSemaphore(value=1, maxvalue=2)>");
/// parking.release();
/// ```
#[derive(Clone)]
pub struct BoundedSemaphore(Semaphore);

/// A permit of a semaphore, released when this is dropped.
///
/// In a forked child, the copy of a permit is no permit: dropping it does nothing.
#[must_use = "the permit is released at once if it is not kept"]
pub struct Permit<'a>(
    #[expect(dead_code, reason = "its drop releases")] ReleaseGuard<'a, Semaphore>,
);

impl Semaphore {
    /// Creates a semaphore with `permits` permits, at most 2³¹ - 1 (and `release` never exceeds that).
    ///
    /// # Panics
    /// If `permits` is above that, or the system has no memory to share.
    pub fn new(permits: u32) -> Self {
        Self::with_bound(permits, RawSemaphore::MAX)
    }

    fn with_bound(permits: u32, bound: u32) -> Self {
        assert!(
            permits <= RawSemaphore::MAX,
            "a semaphore has at most {} permits, not {permits}",
            RawSemaphore::MAX
        );
        let shared = Shared::<RawSemaphore>::new("semaphore");
        shared.set_up(permits, bound);
        Self(Arc::new(shared))
    }

    /// Takes a permit, and waits until there is one.
    #[track_caller]
    pub fn acquire(&self) {
        self.0.acquire();
    }

    /// Takes a permit if there is one now: Python's `acquire(block=False)`.
    #[must_use = "without a permit the work is not protected"]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.0.try_acquire()
    }

    /// Takes a permit. Blocks for at most `limit`, and returns whether it got one: Python's `acquire(timeout=...)`.
    #[must_use = "without a permit the work is not protected"]
    #[track_caller]
    pub fn acquire_timeout(&self, limit: Duration) -> bool {
        self.0.acquire_timeout(limit)
    }

    /// Returns a permit and wakes one waiter.
    ///
    /// # Panics
    /// `semaphore or lock released too many times`: there are as many permits as there can be.
    #[track_caller]
    pub fn release(&self) {
        if let Err(error) = self.0.release() {
            panic!("{error}");
        }
    }

    /// Returns `n` permits and wakes as many waiters: Python's `threading.Semaphore.release(n)`.
    ///
    /// # Panics
    /// `semaphore or lock released too many times`: there would be more permits than there can be. Then none is
    /// returned.
    #[track_caller]
    pub fn release_many(&self, n: u32) {
        if let Err(error) = self.0.release_many(n) {
            panic!("{error}");
        }
    }

    /// Takes a permit until the returned guard is dropped: Python's `with semaphore:`.
    #[track_caller]
    pub fn permit(&self) -> Permit<'_> {
        self.acquire();
        Permit(ReleaseGuard::new(self))
    }

    /// Returns the number of permits now. It may change at any time.
    #[doc(alias = "get_value")]
    #[track_caller]
    pub fn value(&self) -> u32 {
        self.0.value()
    }
}

impl BoundedSemaphore {
    /// Creates a semaphore with `permits` permits, and never more.
    ///
    /// # Panics
    /// As [`Semaphore::new`].
    pub fn new(permits: u32) -> Self {
        Self(Semaphore::with_bound(permits, permits))
    }

    /// Takes a permit, and waits until there is one.
    #[track_caller]
    pub fn acquire(&self) {
        self.0.acquire();
    }

    /// Takes a permit if there is one now.
    #[must_use = "without a permit the work is not protected"]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.0.try_acquire()
    }

    /// Takes a permit. Blocks for at most `limit`, and returns whether it got one.
    #[must_use = "without a permit the work is not protected"]
    #[track_caller]
    pub fn acquire_timeout(&self, limit: Duration) -> bool {
        self.0.acquire_timeout(limit)
    }

    /// Returns a permit and wakes one waiter.
    ///
    /// # Panics
    /// `semaphore or lock released too many times`: no permit was taken.
    #[track_caller]
    pub fn release(&self) {
        self.0.release();
    }

    /// Returns `n` permits and wakes as many waiters.
    ///
    /// # Panics
    /// `semaphore or lock released too many times`: fewer permits were taken. Then none is returned.
    #[track_caller]
    pub fn release_many(&self, n: u32) {
        self.0.release_many(n);
    }

    /// Takes a permit until the returned guard is dropped.
    #[track_caller]
    pub fn permit(&self) -> Permit<'_> {
        self.0.permit()
    }

    /// Returns the number of permits now.
    #[doc(alias = "get_value")]
    #[track_caller]
    pub fn value(&self) -> u32 {
        self.0.value()
    }
}

impl Release for Semaphore {
    fn release_quietly(&self) {
        let _ = self.0.release();
    }
}

/// As Python prints it: `<Semaphore(value=2)>`.
impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Semaphore(value={})>", self.0.value_now())
    }
}

/// As Python prints it: `<BoundedSemaphore(value=1, maxvalue=2)>`.
impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, most) = (self.0.0.value_now(), self.0.0.bound());
        write!(f, "<BoundedSemaphore(value={value}, maxvalue={most})>")
    }
}
