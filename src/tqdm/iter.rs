//! A bar around an iterator.

use std::iter::FusedIterator;

use super::bar::Tqdm;
use super::options::{Options, setters};

/// Shows the progress of an iteration: Python's `tqdm(iterable)`.
///
/// The total is known if the iterator knows its length; otherwise set it with [`total`](TqdmIter::total), or the bar
/// shows only the count. The bar is shown from the first step on, and closed at the end, or by a `break`.
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
        steps: Steps {
            bar: Tqdm::idle(total),
            done: NOT_STARTED,
        },
    }
}

/// An iterator with a bar: the result of [`tqdm`].
#[derive(Debug)]
pub struct TqdmIter<I> {
    iter: I,
    steps: Steps,
}

/// The part that does not depend on the iterator. It is compiled with this crate, optimised, and not with a notebook's
/// cell.
#[derive(Debug)]
struct Steps {
    bar: Tqdm,
    /// How many steps were done since the bar was last updated.
    done: u64,
}

/// The first step increments it to 0: an item is done when the next is requested.
const NOT_STARTED: u64 = u64::MAX;

impl<I> TqdmIter<I> {
    setters!();

    fn set(self, change: impl FnOnce(&mut Options)) -> Self {
        self.steps.bar.state.set(change);
        self
    }

    /// Returns the bar. Keep a clone of it to change the description or the postfix in the loop.
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
        &self.steps.bar
    }

    /// A cell whose last expression is this shows nothing: nothing was iterated.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl Steps {
    /// Called before each item is requested.
    fn step(&mut self) {
        self.done = self.done.wrapping_add(1);
        if self.bar.state.is_due() {
            self.tell();
            self.bar.state.step();
        }
    }

    fn tell(&mut self) {
        if self.done != NOT_STARTED {
            self.bar.state.add(self.done.cast_signed());
            self.done = 0;
        }
    }

    fn end(&mut self) {
        self.tell();
        self.bar.close();
    }
}

impl Drop for Steps {
    /// The item at which a loop was left is not done.
    fn drop(&mut self) {
        if self.done != NOT_STARTED {
            self.end();
        }
    }
}

impl<I: Iterator> Iterator for TqdmIter<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        self.steps.step();
        let item = self.iter.next();
        if item.is_none() {
            self.steps.end();
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for TqdmIter<I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        self.steps.step();
        let item = self.iter.next_back();
        if item.is_none() {
            self.steps.end();
        }
        item
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for TqdmIter<I> {}

impl<I: FusedIterator> FusedIterator for TqdmIter<I> {}
