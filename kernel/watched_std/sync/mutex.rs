//! `Mutex`.

use crate::events::{Event, Place, record, record_unlock};
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
        let place = Location::caller();
        let locked = match self.0.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Err(poisoned),
            Err(TryLockError::WouldBlock) => {
                record(Event::WantLock, self.identity(), place);
                self.0.lock()
            }
        };
        match locked {
            Ok(guard) => Ok(MutexGuard::of(guard, place)),
            Err(poisoned) => Err(watched(poisoned, place)),
        }
    }

    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let place = Location::caller();
        match self.0.try_lock() {
            Ok(guard) => Ok(MutexGuard::of(guard, place)),
            Err(TryLockError::Poisoned(poisoned)) => {
                Err(TryLockError::Poisoned(watched(poisoned, place)))
            }
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        }
    }

    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.0.get_mut()
    }

    /// The address of the value, which the guard knows too. Cells are not optimised, and a cast is no call there.
    fn identity(&self) -> usize {
        self.0.data_ptr() as *const () as usize
    }
}

fn watched<'a, T: ?Sized>(
    poisoned: PoisonError<std::sync::MutexGuard<'a, T>>,
    place: Place,
) -> PoisonError<MutexGuard<'a, T>> {
    PoisonError::new(MutexGuard::of(poisoned.into_inner(), place))
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
#[repr(transparent)]
pub struct MutexGuard<'a, T: ?Sized + 'a>(ManuallyDrop<std::sync::MutexGuard<'a, T>>);

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Records that the calling thread has the lock.
    pub(super) fn of(guard: std::sync::MutexGuard<'a, T>, place: Place) -> MutexGuard<'a, T> {
        let guard = MutexGuard(ManuallyDrop::new(guard));
        record(Event::Lock, guard.identity(), place);
        guard
    }

    /// Returns `std`'s guard; to the record, the lock is released.
    pub(super) fn into_std(self) -> std::sync::MutexGuard<'a, T> {
        record_unlock(self.identity());
        let mut guard = ManuallyDrop::new(self);
        // SAFETY: `self` is not dropped, and this is the only time that its guard is taken.
        unsafe { ManuallyDrop::take(&mut guard.0) }
    }

    fn identity(&self) -> usize {
        (&raw const **self.0) as *const () as usize
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        record_unlock(self.identity());
        // SAFETY: the guard is never used again, and `into_std`, which takes it too, does not drop `self`.
        unsafe { ManuallyDrop::drop(&mut self.0) }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self.0).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self.0).fmt(f)
    }
}
