//! `RwLock`.

use crate::steps::{Kind, Step, became};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

#[derive(Default)]
#[repr(transparent)]
pub struct RwLock<T: ?Sized>(std::sync::RwLock<T>);

impl<T> RwLock<T> {
    pub const fn new(value: T) -> RwLock<T> {
        RwLock(std::sync::RwLock::new(value))
    }

    pub fn into_inner(self) -> LockResult<T> {
        self.0.into_inner()
    }
}

/// Defines the two methods that lock in one way, which differ from those of the other way in names only.
macro_rules! lock_methods {
    ($lock:ident, $try_lock:ident, $guard:ident, $kind:expr) => {
        #[track_caller]
        pub fn $lock(&self) -> LockResult<$guard<'_, T>> {
            Step::new($kind, self.identity(), Location::caller())
                .wait_until(|| !matches!(self.0.$try_lock(), Err(TryLockError::WouldBlock)));
            match self.0.$lock() {
                Ok(guard) => Ok($guard(ManuallyDrop::new(guard))),
                Err(poisoned) => {
                    Err(PoisonError::new($guard(ManuallyDrop::new(poisoned.into_inner()))))
                }
            }
        }

        #[track_caller]
        pub fn $try_lock(&self) -> TryLockResult<$guard<'_, T>> {
            Step::new($kind, self.identity(), Location::caller()).wait();
            match self.0.$try_lock() {
                Ok(guard) => Ok($guard(ManuallyDrop::new(guard))),
                Err(TryLockError::Poisoned(poisoned)) => {
                    let guard = $guard(ManuallyDrop::new(poisoned.into_inner()));
                    Err(TryLockError::Poisoned(PoisonError::new(guard)))
                }
                Err(TryLockError::WouldBlock) => {
                    became(Kind::TryLockFailed);
                    Err(TryLockError::WouldBlock)
                }
            }
        }
    };
}

impl<T: ?Sized> RwLock<T> {
    lock_methods!(read, try_read, RwLockReadGuard, Kind::LockShared);
    lock_methods!(write, try_write, RwLockWriteGuard, Kind::Lock);

    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.0.get_mut()
    }

    /// The address of the value, which the guards know too.
    fn identity(&self) -> usize {
        self.0.data_ptr() as *const () as usize
    }
}

impl<T: ?Sized> Deref for RwLock<T> {
    type Target = std::sync::RwLock<T>;

    fn deref(&self) -> &std::sync::RwLock<T> {
        &self.0
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> RwLock<T> {
        RwLock::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! guard {
    ($guard:ident) => {
        #[must_use = "if unused the RwLock will immediately unlock"]
        #[clippy::has_significant_drop]
        #[repr(transparent)]
        pub struct $guard<'a, T: ?Sized + 'a>(ManuallyDrop<std::sync::$guard<'a, T>>);

        impl<T: ?Sized> $guard<'_, T> {
            fn identity(&self) -> usize {
                (&raw const **self.0) as *const () as usize
            }
        }

        impl<T: ?Sized> Drop for $guard<'_, T> {
            fn drop(&mut self) {
                Step::nowhere(Kind::Unlock, self.identity()).wait();
                // SAFETY: the guard is never used again, and `downgrade`, which takes it too, does not drop `self`.
                unsafe { ManuallyDrop::drop(&mut self.0) }
            }
        }

        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self.0).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self.0).fmt(f)
            }
        }
    };
}

guard!(RwLockReadGuard);
guard!(RwLockWriteGuard);

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    #[track_caller]
    pub fn downgrade(this: RwLockWriteGuard<'a, T>) -> RwLockReadGuard<'a, T> {
        Step::new(Kind::LockShared, this.identity(), Location::caller()).wait();
        let mut guard = ManuallyDrop::new(this);
        // SAFETY: `guard` is not dropped, and this is the only time that its guard is taken.
        let guard = unsafe { ManuallyDrop::take(&mut guard.0) };
        RwLockReadGuard(ManuallyDrop::new(std::sync::RwLockWriteGuard::downgrade(guard)))
    }
}
