//! Waiting for several futures at once.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Future;
use super::error::FutureError;
use super::watcher::Watcher;
use crate::wait::deadline;

/// When [`wait_for`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnWhen {
    /// When any future is done or cancelled.
    FirstCompleted,
    /// When any task has panicked or its worker has died; if none does, when all are done.
    FirstException,
    /// When all futures are done or cancelled.
    AllCompleted,
}

/// Python's name of [`ReturnWhen::FirstCompleted`].
pub const FIRST_COMPLETED: ReturnWhen = ReturnWhen::FirstCompleted;
/// Python's name of [`ReturnWhen::FirstException`].
pub const FIRST_EXCEPTION: ReturnWhen = ReturnWhen::FirstException;
/// Python's name of [`ReturnWhen::AllCompleted`].
pub const ALL_COMPLETED: ReturnWhen = ReturnWhen::AllCompleted;

/// The futures that [`wait`] was given, each once, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneAndNotDone<F> {
    /// Those that are done or cancelled.
    pub done: Vec<F>,
    /// The others.
    pub not_done: Vec<F>,
}

/// Waits until all of `futures` are done.
///
/// The futures may be references, or themselves, which the result then gives back.
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = ThreadPoolExecutor::new(2);
/// let squares: Vec<_> = (1..4).map(|n| pool.submit(move || n * n)).collect();
/// wait(&squares);
/// assert!(squares.iter().all(Future::done));
/// ```
///
/// # Panics
/// In a forked process, if a task was not done before the fork: only the parent has its worker.
pub fn wait<T, F: Borrow<Future<T>>>(futures: impl IntoIterator<Item = F>) -> DoneAndNotDone<F> {
    wait_for(futures, None, ReturnWhen::AllCompleted)
}

/// As [`wait`], for at most `timeout`: Python's `wait(futures, timeout=...)`.
///
/// # Panics
/// As `wait`.
pub fn wait_timeout<T, F: Borrow<Future<T>>>(
    futures: impl IntoIterator<Item = F>,
    timeout: Duration,
) -> DoneAndNotDone<F> {
    wait_for(futures, Some(timeout), ReturnWhen::AllCompleted)
}

/// Waits for at most `timeout` (None: without limit) until `return_when` holds: Python's
/// `wait(futures, timeout, return_when)`.
///
/// What is done by then is in [`done`](DoneAndNotDone::done), all the rest in `not_done`. With no futures it returns at
/// once.
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = ThreadPoolExecutor::new(2);
/// let (go, gate) = std::sync::mpsc::channel();
/// let futures = [pool.submit(move || gate.recv().unwrap()), pool.submit(|| 1)];
/// let ended = wait_for(&futures, None, FIRST_COMPLETED);
/// assert_eq!((ended.done.len(), ended.not_done.len()), (1, 1));
/// go.send(2).unwrap();
/// ```
///
/// # Panics
/// As `wait`.
pub fn wait_for<T, F: Borrow<Future<T>>>(
    futures: impl IntoIterator<Item = F>,
    timeout: Option<Duration>,
    return_when: ReturnWhen,
) -> DoneAndNotDone<F> {
    let futures = without_duplicates(futures);
    let deadline = timeout.and_then(deadline);
    match return_when {
        ReturnWhen::AllCompleted => {
            for future in &futures {
                future.borrow().cell.wait(deadline, |_| ());
            }
        }
        ReturnWhen::FirstCompleted => wait_for_any(&futures, deadline, |_| true),
        ReturnWhen::FirstException => wait_for_any(&futures, deadline, |future| {
            let error = future.cell.error_now();
            error.is_some_and(|error| error != FutureError::Cancelled)
        }),
    }
    let (done, not_done) = futures
        .into_iter()
        .partition(|future| future.borrow().done());
    DoneAndNotDone { done, not_done }
}

/// Waits until `is_enough` holds for a future that is done, or all are done.
fn wait_for_any<T, F: Borrow<Future<T>>>(
    futures: &[F],
    deadline: Option<Instant>,
    is_enough: impl Fn(&Future<T>) -> bool,
) {
    let watcher = Arc::new(Watcher::default());
    for (index, future) in futures.iter().enumerate() {
        future.borrow().watch(&watcher, index);
    }
    for _ in futures {
        match watcher.next(deadline) {
            Some(index) if !is_enough(futures[index].borrow()) => {}
            _ => break,
        }
    }
    for future in futures {
        future.borrow().cell.unwatch(&watcher);
    }
}

/// Returns the futures in their order, each once.
pub(super) fn without_duplicates<T, F: Borrow<Future<T>>>(
    futures: impl IntoIterator<Item = F>,
) -> Vec<F> {
    let mut seen = HashSet::new();
    futures
        .into_iter()
        .filter(|future| seen.insert(future.borrow().id()))
        .collect()
}
