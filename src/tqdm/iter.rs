//! A bar around an iterator.

use std::iter::FusedIterator;

use super::bar::Tqdm;
use super::options::{Options, setters};

/// Shows how far an iteration has come: Python's `tqdm(iterable)`.
///
/// The total is known if the iterator knows its length; else give it by [`total`](TqdmIter::total), or there is only the count.
/// The bar is shown from the first step on, and closed at the end, by a `break` too.
///
/// ```
/// use threadbook::prelude::*;
///
/// let mut sum = 0;
/// for n in tqdm(0..100).desc("Adding") {
///     sum += n;
/// }
/// assert_eq!(sum, 4950);
/// ```
pub fn tqdm<I: IntoIterator>(iterable: I) -> TqdmIter<I::IntoIter> {
    let iter = iterable.into_iter();
    let total = match iter.size_hint() {
        (low, Some(high)) if low == high => i64::try_from(high).ok(),
        _ => None,
    };
    TqdmIter {
        iter,
        bar: Tqdm::idle(total),
        done: NOT_BEGUN,
    }
}

/// An iterator with a bar: what [`tqdm`] makes.
#[derive(Debug)]
pub struct TqdmIter<I> {
    iter: I,
    bar: Tqdm,
    /// How many were done since the bar was last told.
    done: u64,
}

/// One step brings it to 0: an item is done when the next is asked for.
const NOT_BEGUN: u64 = u64::MAX;

impl<I> TqdmIter<I> {
    setters!();

    fn set(self, change: impl FnOnce(&mut Options)) -> Self {
        self.bar.shared.set(change);
        self
    }

    /// The bar. Keep a clone of it to change the description or the postfix in the loop.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let words = tqdm(["one", "two"]);
    /// let bar = words.bar().clone();
    /// for word in words {
    ///     bar.set_description(word);
    /// }
    /// assert!(bar.to_string().starts_with("two: 100%|"));
    /// ```
    pub fn bar(&self) -> &Tqdm {
        &self.bar
    }

    /// What is done before an item is asked for.
    #[inline]
    fn step(&mut self) {
        self.done = self.done.wrapping_add(1);
        if self.bar.shared.is_due() {
            self.tell();
            self.bar.shared.step();
        }
    }

    fn tell(&mut self) {
        if self.done != NOT_BEGUN {
            self.bar.shared.add(self.done.cast_signed());
            self.done = 0;
        }
    }

    #[inline]
    fn pass<T>(&mut self, item: Option<T>) -> Option<T> {
        if item.is_none() {
            self.end();
        }
        item
    }

    #[cold]
    fn end(&mut self) {
        self.tell();
        self.bar.close();
    }

    /// A cell that ends in it shows nothing: nothing was iterated.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl<I: Iterator> Iterator for TqdmIter<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        self.step();
        let item = self.iter.next();
        self.pass(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for TqdmIter<I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        self.step();
        let item = self.iter.next_back();
        self.pass(item)
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for TqdmIter<I> {}

impl<I: FusedIterator> FusedIterator for TqdmIter<I> {}

impl<I> Drop for TqdmIter<I> {
    /// The item that a loop was broken off in is not done.
    fn drop(&mut self) {
        if self.done != NOT_BEGUN {
            self.end();
        }
    }
}
