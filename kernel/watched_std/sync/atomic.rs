//! `std::sync::atomic` in watched cells.
//!
//! A handler of a signal may use them: the record knows the cell's threads from their beginning, so it needs no memory for an access, and
//! an access that the handler has interrupted makes it wait for a moment only.

use crate::events::{Access, Place, access};
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
pub use std::sync::atomic::*;

/// Defines an atomic type with what all have.
macro_rules! atomic {
    ($atomic:ident $(<$parameter:ident>)?, $value:ty) => {
        #[derive(Default)]
        #[repr(transparent)]
        pub struct $atomic $(<$parameter>)? (std::sync::atomic::$atomic $(<$parameter>)?);

        impl $(<$parameter>)? $atomic $(<$parameter>)? {
            pub const fn new(value: $value) -> Self {
                Self(std::sync::atomic::$atomic::new(value))
            }

            /// As in `std`.
            ///
            /// # Safety
            /// As in `std`: the value is valid and aligned, and nobody else accesses it meanwhile but by atomics.
            pub const unsafe fn from_ptr<'a>(value: *mut $value) -> &'a Self {
                // SAFETY: the caller's promise. `Self` has the layout of `std`'s atomic, which is that of the value.
                unsafe { &*value.cast::<Self>() }
            }

            pub const fn into_inner(self) -> $value {
                self.0.into_inner()
            }

            pub fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut()
            }

            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                self.access(Location::caller(), |_| Access::Load, || self.0.load(order))
            }

            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                self.access(Location::caller(), |_| Access::Store, || self.0.store(value, order));
            }

            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                self.access(Location::caller(), |_| Access::Update, || self.0.swap(value, order))
            }

            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.access(Location::caller(), of_exchange, || {
                    self.0.compare_exchange(current, new, success, failure)
                })
            }

            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.access(Location::caller(), of_exchange, || {
                    self.0.compare_exchange_weak(current, new, success, failure)
                })
            }

            #[track_caller]
            pub fn fetch_update(
                &self,
                success: Ordering,
                failure: Ordering,
                update: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                // The closure may access the same value, so it is not called within an access.
                let result = self.0.fetch_update(success, failure, update);
                self.access(Location::caller(), of_exchange, || result)
            }

            fn access<R>(
                &self,
                place: Place,
                of: impl FnOnce(&R) -> Access,
                make: impl FnOnce() -> R,
            ) -> R {
                access(self.0.as_ptr().addr(), place, of, make)
            }
        }

        impl $(<$parameter>)? Deref for $atomic $(<$parameter>)? {
            type Target = std::sync::atomic::$atomic $(<$parameter>)?;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl $(<$parameter>)? From<$value> for $atomic $(<$parameter>)? {
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }

        impl $(<$parameter>)? fmt::Debug for $atomic $(<$parameter>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

fn of_exchange<T>(result: &Result<T, T>) -> Access {
    match result {
        Ok(_) => Access::Update,
        Err(_) => Access::Load,
    }
}

/// Defines methods that read and write in one step.
macro_rules! updates {
    ($atomic:ident, $value:ty: $($method:ident)*) => {
        impl $atomic {
            $(
                #[track_caller]
                pub fn $method(&self, value: $value, order: Ordering) -> $value {
                    self.access(Location::caller(), |_| Access::Update, || self.0.$method(value, order))
                }
            )*
        }
    };
}

macro_rules! integers {
    ($($atomic:ident: $value:ty,)*) => {
        $(
            atomic!($atomic, $value);
            updates!($atomic, $value: fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_nand fetch_max fetch_min);
        )*
    };
}

integers! {
    AtomicI8: i8,
    AtomicI16: i16,
    AtomicI32: i32,
    AtomicI64: i64,
    AtomicIsize: isize,
    AtomicU8: u8,
    AtomicU16: u16,
    AtomicU32: u32,
    AtomicU64: u64,
    AtomicUsize: usize,
}

atomic!(AtomicBool, bool);
updates!(AtomicBool, bool: fetch_and fetch_or fetch_xor fetch_nand);

impl AtomicBool {
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.access(Location::caller(), |_| Access::Update, || self.0.fetch_not(order))
    }
}

atomic!(AtomicPtr<T>, *mut T);

impl<T> fmt::Pointer for AtomicPtr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
