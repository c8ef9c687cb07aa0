//! Futures in the order in which they are done.

use std::borrow::Borrow;
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Future;
use super::error::Unfinished;
use super::wait::without_duplicates;
use super::watcher::Watcher;
use crate::wait::deadline;

/// Returns an iterator over `futures` in the order in which they are done: Python's `as_completed`.
///
/// Those that are done already come first, and each comes once, even if it was given twice. `futures` may be references,
/// such as the keys of a map, or the futures themselves. The iterator knows how many there are, so a bar around it needs
/// no total.
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = ThreadPoolExecutor::new(2);
/// let futures: Vec<_> = (1..=10).map(|n| pool.submit(move || n * n)).collect();
/// let mut sum = 0;
/// for future in tqdm(as_completed(&futures)).total(10) {
///     sum += future.result()?;
/// }
/// assert_eq!(sum, 385);
/// # Ok::<(), FutureError>(())
/// ```
///
/// # Panics
/// In a forked process, if a task was not done before the fork: only the parent has its worker.
pub fn as_completed<T, F: Borrow<Future<T>>>(
    futures: impl IntoIterator<Item = F>,
) -> AsCompleted<T, F> {
    let futures = without_duplicates(futures);
    let watcher = Arc::new(Watcher::default());
    for (index, future) in futures.iter().enumerate() {
        future.borrow().watch(&watcher, index);
    }
    AsCompleted {
        left: futures.len(),
        futures: futures.into_iter().map(Some).collect(),
        watcher,
        value: PhantomData,
    }
}

/// As [`as_completed`]; if not all futures are done after `timeout`, counted from this call, the last item is an error:
/// Python's `as_completed(futures, timeout=...)`.
///
/// # Panics
/// As `as_completed`.
pub fn as_completed_timeout<T, F: Borrow<Future<T>>>(
    futures: impl IntoIterator<Item = F>,
    timeout: Duration,
) -> AsCompletedTimeout<T, F> {
    AsCompletedTimeout {
        deadline: deadline(timeout),
        futures: as_completed(futures),
        is_over: false,
    }
}

/// The iterator of [`as_completed`].
pub struct AsCompleted<T, F: Borrow<Future<T>>> {
    /// None: it was returned.
    futures: Vec<Option<F>>,
    left: usize,
    watcher: Arc<Watcher>,
    value: PhantomData<fn() -> T>,
}

/// The iterator of [`as_completed_timeout`].
pub struct AsCompletedTimeout<T, F: Borrow<Future<T>>> {
    futures: AsCompleted<T, F>,
    deadline: Option<Instant>,
    is_over: bool,
}

impl<T, F: Borrow<Future<T>>> AsCompleted<T, F> {
    fn next_until(&mut self, deadline: Option<Instant>) -> Option<F> {
        let index = self.watcher.next(deadline)?;
        self.left -= 1;
        self.futures[index].take()
    }
}

impl<T, F: Borrow<Future<T>>> Iterator for AsCompleted<T, F> {
    type Item = F;

    fn next(&mut self) -> Option<F> {
        match self.left {
            0 => None,
            _ => self.next_until(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T, F: Borrow<Future<T>>> ExactSizeIterator for AsCompleted<T, F> {}
impl<T, F: Borrow<Future<T>>> FusedIterator for AsCompleted<T, F> {}

impl<T, F: Borrow<Future<T>>> Drop for AsCompleted<T, F> {
    fn drop(&mut self) {
        for future in self.futures.iter().flatten() {
            future.borrow().cell.unwatch(&self.watcher);
        }
    }
}

impl<T, F: Borrow<Future<T>>> Iterator for AsCompletedTimeout<T, F> {
    type Item = Result<F, Unfinished>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over || self.futures.left == 0 {
            return None;
        }
        let future = self.futures.next_until(self.deadline);
        self.is_over = future.is_none();
        Some(future.ok_or(Unfinished {
            unfinished: self.futures.left,
            total: self.futures.futures.len(),
        }))
    }
}

impl<T, F: Borrow<Future<T>>> FusedIterator for AsCompletedTimeout<T, F> {}

impl<T, F: Borrow<Future<T>>> fmt::Debug for AsCompleted<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<as_completed left={}>", self.left)
    }
}

impl<T, F: Borrow<Future<T>>> fmt::Debug for AsCompletedTimeout<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.futures.fmt(f)
    }
}
