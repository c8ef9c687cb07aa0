//! A segment as numbers.

use std::fmt;
use std::marker::PhantomData;

use crate::mapping::Mapping;
use crate::shared::Scalar;

/// A [`SharedMemory`](super::SharedMemory) as numbers of one type: what [`view`](super::SharedMemory::view) returns.
#[derive(Clone, Copy)]
pub struct View<'a, T: Scalar> {
    mapping: &'a Mapping,
    len: usize,
    element: PhantomData<T>,
}

impl<'a, T: Scalar> View<'a, T> {
    /// A view of the first `size` bytes of `mapping`.
    pub(super) fn new(mapping: &'a Mapping, size: usize) -> Self {
        const { assert!(size_of::<T>() == size_of::<T::Cell>() && align_of::<T::Cell>() <= 4096) };
        Self {
            mapping,
            len: size / size_of::<T>(),
            element: PhantomData,
        }
    }

    /// Returns the number at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the length.
    #[track_caller]
    pub fn get(&self, index: usize) -> T {
        T::load(self.cell(index))
    }

    /// Sets the number at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the length.
    #[track_caller]
    pub fn set(&self, index: usize, value: T) {
        value.store(self.cell(index));
    }

    /// Returns how many numbers there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Iterates over copies of the numbers, each read when its turn comes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator + use<'a, T> {
        let view = *self;
        (0..self.len).map(move |index| view.get(index))
    }

    /// Returns copies of all numbers.
    pub fn to_vec(&self) -> Vec<T> {
        self.iter().collect()
    }

    #[track_caller]
    fn cell(&self, index: usize) -> &T::Cell {
        let len = self.len;
        assert!(
            index < len,
            "SharedMemory index out of range: the index is {index}, the length {len}"
        );
        let cells = self.mapping.start().cast::<T::Cell>();
        // SAFETY: the mapping has `len` cells and begins at a page, so they are aligned; every value of the bytes is a
        // valid atomic integer, and this crate accesses them through atomics alone.
        unsafe { cells.add(index).as_ref() }
    }
}

impl<T: Scalar + fmt::Debug> fmt::Debug for View<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
