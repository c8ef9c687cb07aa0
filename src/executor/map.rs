//! The results of an executor's `map`.

use std::collections::VecDeque;
use std::fmt;
use std::iter::FusedIterator;
use std::time::{Duration, Instant};

use crate::future::{Future, FutureError};

/// The results of an executor's `map`, in the order of the items, each as soon as it and those before it are available.
///
/// A task that panics is an `Err`, after which the other results follow; to stop at the first error, as Python does,
/// collect into a `Result`. Dropping the iterator cancels the tasks that have not started.
pub struct Map<'a, R> {
    futures: VecDeque<Future<R>>,
    /// Submits one more item, if there is one.
    submit_next: Option<Box<dyn FnMut() -> Option<Future<R>> + 'a>>,
    started: Instant,
    deadline: Option<Instant>,
}

impl<'a, R> Map<'a, R> {
    pub(super) fn new(futures: impl Iterator<Item = Future<R>>) -> Self {
        Self {
            started: Instant::now(),
            futures: futures.collect(),
            submit_next: None,
            deadline: None,
        }
    }

    /// Submits only `size` of these at first, and one more for each result that is taken.
    pub(super) fn buffered(mut futures: impl Iterator<Item = Future<R>> + 'a, size: usize) -> Self {
        assert!(size > 0, "buffersize must be at least 1");
        Self {
            started: Instant::now(),
            futures: futures.by_ref().take(size).collect(),
            submit_next: Some(Box::new(move || futures.next())),
            deadline: None,
        }
    }

    /// If a result is not available after `limit`, counted from the call of `map`, it is
    /// [`Timeout`](FutureError::Timeout), and the last one: the tasks that have not started are cancelled. Python's
    /// `map(f, items, timeout=...)`.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.deadline = self.started.checked_add(limit);
        self
    }

    fn cancel(&mut self) {
        self.submit_next = None;
        for future in self.futures.drain(..) {
            future.cancel();
        }
    }
}

impl<R> Iterator for Map<'_, R> {
    type Item = Result<R, FutureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let future = self.futures.pop_front()?;
        if !future.wait_until(self.deadline) {
            future.cancel();
            self.cancel();
            return Some(Err(FutureError::Timeout));
        }
        let next = self.submit_next.as_mut().and_then(|submit| submit());
        self.futures.extend(next);
        Some(future.into_result())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let submitted = self.futures.len();
        (
            submitted.min(1),
            self.submit_next.is_none().then_some(submitted),
        )
    }
}

impl<R> FusedIterator for Map<'_, R> {}

impl<R> Drop for Map<'_, R> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<R> fmt::Debug for Map<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Map submitted={}>", self.futures.len())
    }
}
