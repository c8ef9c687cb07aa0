//! Several values in shared memory.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::plain::Plain;
use super::raw_value::{RawArray, Scalar};
use super::synchronized::{Synchronized, SynchronizedGuard};

/// A list of fixed length in shared memory: Python's `multiprocessing.Array`.
///
/// A clone is the same array. `get`, `set` and each step of `iter` take the lock for themselves; `to_vec` takes it
/// once, and [`get_lock`](Self::get_lock) keeps it. What [`Value`](super::Value) says about its lock and about panics
/// applies here too.
///
/// ```
/// use threadbook::prelude::*;
///
/// let squares = Array::zeroed(4);
/// let in_child = squares.clone();
/// let mut p = Process::new(move || {
///     for (i, n) in (1..=4).enumerate() {
///         in_child.set(i, n * n);
///     }
/// });
/// p.start()?;
/// p.join()?;
/// assert_eq!(squares.to_vec(), [1, 4, 9, 16]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Array<T: Plain> {
    inner: Arc<Synchronized<T>>,
}

/// The lock of an [`Array`], held until this is dropped. Dereferences to the values.
pub struct ArrayGuard<'a, T: Plain>(SynchronizedGuard<'a, T>);

impl<T: Plain> Array<T> {
    /// Creates an array of `len` zeros (`false` for `bool`, `'\0'` for `char`).
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn zeroed(len: usize) -> Self {
        Self {
            inner: Arc::new(Synchronized::zeroed("Array", len)),
        }
    }

    /// Creates an array of numbers without a lock: Python's `Array('i', [1, 2], lock=False)`.
    ///
    /// # Panics
    /// If the system has no memory to share.
    #[doc(alias = "RawArray")]
    pub fn unlocked(values: impl IntoIterator<Item = T>) -> RawArray<T>
    where
        T: Scalar,
    {
        RawArray::from_iter(values)
    }

    /// Returns a copy of the value at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the length.
    #[track_caller]
    pub fn get(&self, index: usize) -> T {
        self.check(index);
        self.inner.lock()[index]
    }

    /// Sets the value at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the length.
    #[track_caller]
    pub fn set(&self, index: usize, value: T) {
        self.check(index);
        self.inner.lock()[index] = value;
    }

    /// Returns a copy of all values, taken at one moment: Python's `array[:]`.
    pub fn to_vec(&self) -> Vec<T> {
        self.inner.lock().to_vec()
    }

    /// Returns the number of values, which never changes.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Returns whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over copies of the values, each read when its turn comes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator + '_ {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Takes the lock until the guard is dropped.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let array = Array::from([3, 1, 2]);
    /// array.get_lock().sort();
    /// assert_eq!(array.to_vec(), [1, 2, 3]);
    /// ```
    pub fn get_lock(&self) -> ArrayGuard<'_, T> {
        ArrayGuard(self.inner.lock())
    }

    #[track_caller]
    fn check(&self, index: usize) {
        let len = self.len();
        assert!(
            index < len,
            "Array index out of range: the index is {index}, the length {len}"
        );
    }
}

impl<T: Plain> From<&[T]> for Array<T> {
    fn from(values: &[T]) -> Self {
        Self {
            inner: Arc::new(Synchronized::new("Array", values)),
        }
    }
}

impl<T: Plain, const N: usize> From<[T; N]> for Array<T> {
    fn from(values: [T; N]) -> Self {
        Self::from(&values[..])
    }
}

impl<T: Plain, const N: usize> From<&[T; N]> for Array<T> {
    fn from(values: &[T; N]) -> Self {
        Self::from(&values[..])
    }
}

impl<T: Plain> From<Vec<T>> for Array<T> {
    fn from(values: Vec<T>) -> Self {
        Self::from(&values[..])
    }
}

impl<T: Plain> FromIterator<T> for Array<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::from(Vec::from_iter(values))
    }
}

impl<T: Plain> Clone for Array<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for Array<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Array").field(&self.to_vec()).finish()
    }
}

impl<T: Plain> Deref for ArrayGuard<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Plain> DerefMut for ArrayGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for ArrayGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
