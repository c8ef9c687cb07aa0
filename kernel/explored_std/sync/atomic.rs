//! `std::sync::atomic` in explored cells.

use crate::steps::{Kind, Place, Step, accessed};
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
pub use std::sync::atomic::*;

/// A value of an atomic, as a number.
trait Value: Copy {
    fn number(self) -> i128;
}

macro_rules! values {
    ($($value:ty)*) => { $(impl Value for $value { fn number(self) -> i128 { self as i128 } })* };
}

values! { bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

impl<T> Value for *mut T {
    fn number(self) -> i128 {
        self.addr() as i128
    }
}

/// Makes an access to the value at an address when it is the thread's turn. `make` returns its result, the value that it read, and the one
/// that it wrote, if any.
fn access<V: Value, R>(
    kind: Kind,
    address: usize,
    orders: [Ordering; 2],
    place: Place,
    make: impl FnOnce() -> (R, V, Option<V>),
) -> R {
    let is_weak = orders.iter().any(|order| *order != Ordering::SeqCst);
    Step::new(kind, address, place).weak(is_weak).wait();
    let (result, from, to) = make();
    let kind = if to.is_none() { Kind::Load } else { kind };
    accessed(kind, from.number(), to.unwrap_or(from).number());
    result
}

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

            pub const fn into_inner(self) -> $value {
                self.0.into_inner()
            }

            pub fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut()
            }

            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                access(Kind::Load, self.address(), [order; 2], Location::caller(), || {
                    let value = self.0.load(order);
                    (value, value, None)
                })
            }

            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                access(Kind::Store, self.address(), [order; 2], Location::caller(), || {
                    // One thread goes at a time, so nobody comes between the two.
                    let before = self.0.load(Ordering::Relaxed);
                    self.0.store(value, order);
                    ((), before, Some(value))
                });
            }

            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                access(Kind::Update, self.address(), [order; 2], Location::caller(), || {
                    let before = self.0.swap(value, order);
                    (before, before, Some(value))
                })
            }

            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                access(Kind::Update, self.address(), [success, failure], Location::caller(), || {
                    let result = self.0.compare_exchange(current, new, success, failure);
                    let (Ok(before) | Err(before)) = result;
                    (result, before, result.is_ok().then_some(new))
                })
            }

            /// Never fails for no reason.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }

            #[track_caller]
            pub fn fetch_update(
                &self,
                success: Ordering,
                failure: Ordering,
                mut update: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut current = self.load(failure);
                while let Some(new) = update(current) {
                    match self.compare_exchange(current, new, success, failure) {
                        Ok(before) => return Ok(before),
                        Err(other) => current = other,
                    }
                }
                Err(current)
            }

            fn address(&self) -> usize {
                self.0.as_ptr().addr()
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

/// Defines methods that read and write in one step, each with what it writes.
macro_rules! updates {
    ($atomic:ident, $value:ty: $($method:ident($before:ident, $operand:ident) = $after:expr;)*) => {
        impl $atomic {
            $(
                #[track_caller]
                pub fn $method(&self, $operand: $value, order: Ordering) -> $value {
                    access(Kind::Update, self.address(), [order; 2], Location::caller(), || {
                        let $before = self.0.$method($operand, order);
                        ($before, $before, Some($after))
                    })
                }
            )*
        }
    };
}

macro_rules! integers {
    ($($atomic:ident: $value:ty,)*) => {
        $(
            atomic!($atomic, $value);
            updates! { $atomic, $value:
                fetch_add(before, operand) = before.wrapping_add(operand);
                fetch_sub(before, operand) = before.wrapping_sub(operand);
                fetch_and(before, operand) = before & operand;
                fetch_or(before, operand) = before | operand;
                fetch_xor(before, operand) = before ^ operand;
                fetch_nand(before, operand) = !(before & operand);
                fetch_max(before, operand) = before.max(operand);
                fetch_min(before, operand) = before.min(operand);
            }
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
updates! { AtomicBool, bool:
    fetch_and(before, operand) = before & operand;
    fetch_or(before, operand) = before | operand;
    fetch_xor(before, operand) = before ^ operand;
    fetch_nand(before, operand) = !(before & operand);
}

impl AtomicBool {
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

atomic!(AtomicPtr<T>, *mut T);

impl<T> fmt::Pointer for AtomicPtr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
