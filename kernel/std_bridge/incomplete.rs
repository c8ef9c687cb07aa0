//! Variables from which cells have moved parts.

use std::mem::{ManuallyDrop, MaybeUninit};

/// The bytes of a part of a variable, which fill its place after a cell has moved it out. Rust stores no variable with a gap.
pub struct Placeholder<T>(MaybeUninit<T>);

impl<T> Placeholder<T> {
    /// Copies the bytes of a part that is still there.
    pub fn of(part: &T) -> Placeholder<T> {
        let mut bytes = MaybeUninit::uninit();
        // SAFETY: a reference points to a whole `T`, and the new place is another one, with room for a `T`.
        unsafe { std::ptr::copy_nonoverlapping(part, bytes.as_mut_ptr(), 1) };
        Placeholder(bytes)
    }

    /// Returns the bytes as a value, for generated code, which moves it only: into its place, and at the start of the next cell out
    /// of it, to [`forget`](std::mem::forget). Between the two it is in an [`Incomplete`], so that it is never used and never dropped.
    pub fn value(self) -> T {
        // SAFETY: the bytes are those of a valid `T`. What it owned may be freed by now, but nothing looks at what it points to.
        unsafe { self.0.assume_init() }
    }
}

/// A stored variable in which placeholders fill the places of moved parts.
pub struct Incomplete<T> {
    value: ManuallyDrop<T>,
    drop_rest: fn(T),
}

impl<T> Incomplete<T> {
    /// Stores a value whose other parts `drop_rest` drops.
    pub fn new(value: T, drop_rest: fn(T)) -> Incomplete<T> {
        Incomplete { value: ManuallyDrop::new(value), drop_rest }
    }

    /// Returns the value. The cell that takes it forgets the placeholders before it does anything else.
    pub fn into_inner(self) -> T {
        let mut incomplete = ManuallyDrop::new(self);
        // SAFETY: the value is taken only here and in `drop`, which `ManuallyDrop` prevents.
        unsafe { ManuallyDrop::take(&mut incomplete.value) }
    }
}

impl<T> Drop for Incomplete<T> {
    fn drop(&mut self) {
        // SAFETY: the value is taken only here, once, and in `into_inner`, which prevents this call.
        (self.drop_rest)(unsafe { ManuallyDrop::take(&mut self.value) });
    }
}
