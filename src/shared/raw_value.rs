//! RawValue and RawArray: shared numbers without a lock.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32,
    AtomicU64, AtomicUsize, Ordering::Relaxed,
};

use super::plain::Plain;
use crate::mapping::Mapping;
use crate::notebook::watched;

/// One number in shared memory, without a lock: Python's `Value(..., lock=False)` and `RawValue`.
///
/// A clone is the same value. A number is read and written whole, so it is never half written; but another process may
/// write between your `get` and your `set`, and then its update is lost.
///
/// ```
/// use threadbook::prelude::*;
///
/// let last = Value::unlocked(0.5);
/// let in_child = last.clone();
/// let mut p = Process::new(move || in_child.set(1.5));
/// p.start()?;
/// p.join()?;
/// assert_eq!(last.get(), 1.5);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RawValue<T: Scalar>(RawArray<T>);

/// A list of numbers in shared memory, without a lock: Python's `Array(..., lock=False)` and `RawArray`.
///
/// What [`RawValue`] says applies to each element.
///
/// ```
/// use threadbook::prelude::*;
///
/// let counts = Array::unlocked([1, 2, 3]);
/// counts.set(0, 10);
/// assert_eq!(counts.to_vec(), [10, 2, 3]);
/// ```
pub struct RawArray<T: Scalar> {
    cells: Arc<Cells>,
    element: std::marker::PhantomData<T>,
}

/// A number, `bool` or `char` that the processor reads and writes in one step.
///
/// # Safety
/// `Cell` has the size of the type, and all bytes zero are a valid `Cell`.
pub unsafe trait Scalar: Plain {
    /// The atomic type of the same size.
    #[doc(hidden)]
    type Cell: Sync;
    #[doc(hidden)]
    fn load(cell: &Self::Cell) -> Self;
    #[doc(hidden)]
    fn store(self, cell: &Self::Cell);
}

macro_rules! scalars {
    ($($number:ty: $cell:ty, $to:expr, $from:expr;)*) => {
        $(
            // SAFETY: the cell is the atomic integer of this size, for which zeros are valid.
            unsafe impl Scalar for $number {
                type Cell = $cell;
                #[inline]
                fn load(cell: &$cell) -> Self {
                    $from(cell.load(Relaxed))
                }
                #[inline]
                fn store(self, cell: &$cell) {
                    cell.store($to(self), Relaxed)
                }
            }
        )*
    };
}

scalars! {
    i8: AtomicI8, |x| x, |x| x;
    i16: AtomicI16, |x| x, |x| x;
    i32: AtomicI32, |x| x, |x| x;
    i64: AtomicI64, |x| x, |x| x;
    isize: AtomicIsize, |x| x, |x| x;
    u8: AtomicU8, |x| x, |x| x;
    u16: AtomicU16, |x| x, |x| x;
    u32: AtomicU32, |x| x, |x| x;
    u64: AtomicU64, |x| x, |x| x;
    usize: AtomicUsize, |x| x, |x| x;
    f32: AtomicU32, f32::to_bits, f32::from_bits;
    f64: AtomicU64, f64::to_bits, f64::from_bits;
    bool: AtomicU8, u8::from, |x| x != 0;
    char: AtomicU32, u32::from, |x| char::from_u32(x).unwrap_or(char::REPLACEMENT_CHARACTER);
}

struct Cells {
    mapping: Mapping,
    len: usize,
}

impl<T: Scalar> RawValue<T> {
    /// Creates a value in new shared memory.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new(value: T) -> Self {
        Self(RawArray::from_iter([value]))
    }

    /// Returns a copy of the value.
    #[track_caller]
    pub fn get(&self) -> T {
        watched::load(self.address(), Location::caller(), || self.0.get(0))
    }

    /// Sets the value.
    #[track_caller]
    pub fn set(&self, value: T) {
        let store = |value| {
            let before = self.0.get(0);
            self.0.set(0, value);
            before
        };
        watched::store(self.address(), Location::caller(), value, store);
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self.0.cell(0)).expose_provenance()
    }
}

impl<T: Scalar> RawArray<T> {
    /// Creates an array of `len` zeros.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn zeroed(len: usize) -> Self {
        const { assert!(size_of::<T>() == size_of::<T::Cell>() && align_of::<T::Cell>() <= 4096) };
        let mapping = size_of::<T>()
            .checked_mul(len)
            .ok_or_else(|| std::io::ErrorKind::OutOfMemory.into())
            .and_then(|bytes| Mapping::new(bytes.max(1)))
            .unwrap_or_else(|error| panic!("no shared memory for this RawArray: {error}"));
        Self {
            cells: Arc::new(Cells { mapping, len }),
            element: std::marker::PhantomData,
        }
    }

    /// Returns a copy of the value at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the length.
    #[track_caller]
    pub fn get(&self, index: usize) -> T {
        T::load(self.cell(index))
    }

    /// Sets the value at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the length.
    #[track_caller]
    pub fn set(&self, index: usize, value: T) {
        value.store(self.cell(index));
    }

    /// Returns a copy of all values, each read when its turn comes.
    pub fn to_vec(&self) -> Vec<T> {
        self.iter().collect()
    }

    /// Iterates over copies of the values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator + '_ {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Returns the number of values, which never changes.
    pub fn len(&self) -> usize {
        self.cells.len
    }

    /// Returns whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[track_caller]
    fn cell(&self, index: usize) -> &T::Cell {
        let len = self.len();
        assert!(
            index < len,
            "RawArray index out of range: the index is {index}, the length {len}"
        );
        let cells = self.cells.mapping.start().cast::<T::Cell>();
        // SAFETY: the mapping has `len` cells, page-aligned and initially zero, and only atomics access it.
        unsafe { cells.add(index).as_ref() }
    }
}

impl<T: Scalar> FromIterator<T> for RawArray<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values = Vec::from_iter(values);
        let array = Self::zeroed(values.len());
        for (index, value) in values.into_iter().enumerate() {
            array.set(index, value);
        }
        array
    }
}

impl<T: Scalar> Clone for RawValue<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Scalar> Clone for RawArray<T> {
    fn clone(&self) -> Self {
        Self {
            cells: Arc::clone(&self.cells),
            element: std::marker::PhantomData,
        }
    }
}

impl<T: Scalar + fmt::Debug> fmt::Debug for RawValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawValue").field(&self.get()).finish()
    }
}

impl<T: Scalar + fmt::Debug> fmt::Debug for RawArray<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawArray").field(&self.to_vec()).finish()
    }
}
