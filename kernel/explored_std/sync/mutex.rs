//! `Mutex`.

use crate::steps::{Kind, Place, Step, became};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

#[derive(Default)]
#[repr(transparent)]
pub struct Mutex<T: ?Sized>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Mutex<T> {
        Mutex(std::sync::Mutex::new(value))
    }

    pub fn into_inner(self) -> LockResult<T> {
        self.0.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let step = Step::new(Kind::Lock, self.identity(), Location::caller());
        step.wait_until(|| self.is_free());
        self.take()
    }

    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        Step::new(Kind::Lock, self.identity(), Location::caller()).wait();
        match self.0.try_lock() {
            Ok(guard) => Ok(self.guard(guard)),
            Err(TryLockError::Poisoned(poisoned)) => {
                let guard = self.guard(poisoned.into_inner());
                Err(TryLockError::Poisoned(PoisonError::new(guard)))
            }
            Err(TryLockError::WouldBlock) => {
                became(Kind::TryLockFailed);
                Err(TryLockError::WouldBlock)
            }
        }
    }

    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.0.get_mut()
    }

    /// Takes the lock again after a wait for a condition. Returns false if the wait's time was over.
    pub(super) fn retake(&self, place: Place, is_timed: bool) -> (bool, LockResult<MutexGuard<'_, T>>) {
        let step = Step::new(Kind::Relock, self.identity(), place).timed(is_timed);
        let is_notified = step.wait_until(|| self.is_free());
        (is_notified, self.take())
    }

    fn take(&self) -> LockResult<MutexGuard<'_, T>> {
        match self.0.lock() {
            Ok(guard) => Ok(self.guard(guard)),
            Err(poisoned) => Err(PoisonError::new(self.guard(poisoned.into_inner()))),
        }
    }

    fn guard<'a>(&'a self, guard: std::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard { guard: ManuallyDrop::new(guard), lock: self }
    }

    fn is_free(&self) -> bool {
        !matches!(self.0.try_lock(), Err(TryLockError::WouldBlock))
    }

    pub(super) fn identity(&self) -> usize {
        self.0.data_ptr() as *const () as usize
    }
}

impl<T: ?Sized> Deref for Mutex<T> {
    type Target = std::sync::Mutex<T>;

    fn deref(&self) -> &std::sync::Mutex<T> {
        &self.0
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Mutex<T> {
        Mutex::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[must_use = "if unused the Mutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MutexGuard<'a, T: ?Sized + 'a> {
    guard: ManuallyDrop<std::sync::MutexGuard<'a, T>>,
    lock: &'a Mutex<T>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Releases the lock without a step of its own, and returns it.
    pub(super) fn release(self) -> &'a Mutex<T> {
        let mut guard = ManuallyDrop::new(self);
        // SAFETY: `self` is not dropped, and this is the only time that its guard is.
        unsafe { ManuallyDrop::drop(&mut guard.guard) };
        guard.lock
    }

    pub(super) fn lock(&self) -> &'a Mutex<T> {
        self.lock
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    // A guard is dropped at the end of a block, which has no place.
    fn drop(&mut self) {
        Step::nowhere(Kind::Unlock, self.lock.identity()).wait();
        // SAFETY: the guard is never used again, and `release`, which drops it too, does not drop `self`.
        unsafe { ManuallyDrop::drop(&mut self.guard) }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self.guard).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self.guard).fmt(f)
    }
}
