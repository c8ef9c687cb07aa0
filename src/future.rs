//! The result of a task that an executor runs: see [`concurrent::futures`](crate::concurrent::futures).

mod as_completed;
mod cell;
mod error;
mod wait;
mod watcher;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use as_completed::{AsCompleted, AsCompletedTimeout, as_completed, as_completed_timeout};
pub(crate) use cell::{Claim, FutureCell};
pub use error::{FutureError, InvalidState, TaskPanicked, Unfinished};
pub(crate) use error::{panic_message, panicked};
pub use wait::{
    ALL_COMPLETED, DoneAndNotDone, FIRST_COMPLETED, FIRST_EXCEPTION, ReturnWhen, wait, wait_for,
    wait_timeout,
};

use self::watcher::{Watch, Watcher};
use crate::wait::deadline;

/// The pending result of a submitted task: Python's `concurrent.futures.Future`.
///
/// It is equal only to itself, and can be the key of a map. It has one owner; to use it in several threads, put it in an
/// `Arc`, which [`wait`] and [`as_completed`] take too.
///
/// | Python | Rust |
/// | --- | --- |
/// | `f.result()`, which may raise | `f.result()`, which may be an `Err`; `f.into_result()` moves the value out |
/// | `f.result(timeout=1)` | `f.result_timeout(Duration::from_secs(1))` |
/// | `f.exception()`, `f.exception(timeout=1)` | `f.exception()`, `f.exception_timeout(Duration::from_secs(1))` |
/// | `f.cancel()`, `f.cancelled()`, `f.running()`, `f.done()` | the same |
/// | `f.add_done_callback(g)` | `f.add_done_callback(\|f\| g(f))` |
/// | `Future()`, `f.set_running_or_notify_cancel()` | `Future::new()`, `f.set_running_or_notify_cancel()?` |
/// | `f.set_result(1)`, `f.set_exception(E("text"))` | `f.set_result(1)?`, `f.set_exception("text")?` |
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = ThreadPoolExecutor::new(1);
/// let answer = pool.submit(|| 6 * 7);
/// answer.add_done_callback(|answer| println!("It is {:?}", answer.result()));
/// assert_eq!(answer.result(), Ok(42));
/// assert!(answer.done() && !answer.cancel());
/// ```
pub struct Future<T> {
    pub(crate) cell: Arc<FutureCell<T>>,
}

impl<T> Future<T> {
    /// Creates a future that no executor knows: for code that completes it itself, with
    /// [`set_result`](Self::set_result).
    #[expect(
        clippy::new_without_default,
        reason = "a future that no one completes is of no use"
    )]
    pub fn new() -> Self {
        Self::of(Arc::new(FutureCell::new()))
    }

    pub(crate) fn of(cell: Arc<FutureCell<T>>) -> Self {
        Self { cell }
    }

    /// Waits for the task and returns a clone of its value, or why there is none.
    ///
    /// # Errors
    /// [`Panicked`](FutureError::Panicked); [`Cancelled`](FutureError::Cancelled); the pool broke.
    ///
    /// # Panics
    /// In a forked process, if the task was not done before the fork: only the parent has its worker.
    pub fn result(&self) -> Result<T, FutureError>
    where
        T: Clone,
    {
        self.result_until(None)
    }

    /// As [`result`](Self::result), for at most `timeout`. The task goes on, and can be waited for again.
    ///
    /// # Errors
    /// Those of `result`, and [`Timeout`](FutureError::Timeout).
    ///
    /// # Panics
    /// As `result`.
    pub fn result_timeout(&self, timeout: Duration) -> Result<T, FutureError>
    where
        T: Clone,
    {
        self.result_until(deadline(timeout))
    }

    /// Waits for the task and its callbacks, and returns the value itself: for values that cannot be cloned, or are
    /// large. Not to be called in a callback of this future.
    ///
    /// # Errors
    /// Those of [`result`](Self::result).
    ///
    /// # Panics
    /// As `result`.
    pub fn into_result(self) -> Result<T, FutureError> {
        self.cell.take()
    }

    /// Waits for the task. Returns None if it has a value, and otherwise the error that [`result`](Self::result) would
    /// return.
    ///
    /// # Panics
    /// As `result`.
    pub fn exception(&self) -> Option<FutureError> {
        self.exception_until(None)
    }

    /// As [`exception`](Self::exception), for at most `timeout`; then it is [`Timeout`](FutureError::Timeout).
    ///
    /// # Panics
    /// As `exception`.
    pub fn exception_timeout(&self, timeout: Duration) -> Option<FutureError> {
        self.exception_until(deadline(timeout))
    }

    /// Keeps the task from being run. Returns false if it is running or has run.
    ///
    /// All who wait for the future get [`Cancelled`](FutureError::Cancelled) at once; in Python some do only when a
    /// worker comes across the task.
    pub fn cancel(&self) -> bool {
        self.cell.cancel()
    }

    /// Returns whether the task was cancelled before it ran.
    pub fn cancelled(&self) -> bool {
        self.cell.error_now() == Some(FutureError::Cancelled)
    }

    /// Returns whether the task runs now, and so can no longer be cancelled.
    pub fn running(&self) -> bool {
        self.cell.running() == Some(true)
    }

    /// Returns whether the task has finished, with a value or without, or was cancelled.
    pub fn done(&self) -> bool {
        self.cell.running().is_none()
    }

    /// Has `f` called when the future is done or cancelled.
    ///
    /// Callbacks are called in the order in which they were added, in the thread that ran the task or cancelled it; for
    /// a task in a process, in a thread of the executor. If the future is done already, `f` is called at once, by this
    /// thread. A panic of `f` is printed and has no other effect.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let pool = ThreadPoolExecutor::new(1);
    /// let sum = pool.submit(|| (1..=4).sum::<i32>());
    /// sum.add_done_callback(|sum| println!("the sum is {}", sum.result().unwrap()));
    /// ```
    pub fn add_done_callback(&self, f: impl FnOnce(&Self) + Send + 'static) {
        self.cell.add_callback(Box::new(f));
    }

    /// For executors: the task starts now. Returns false if it was cancelled, and must not run.
    ///
    /// # Errors
    /// The task was started before, or is done.
    pub fn set_running_or_notify_cancel(&self) -> Result<bool, InvalidState> {
        self.cell.begin()
    }

    /// For executors: the task has this value.
    ///
    /// # Errors
    /// The future is done or cancelled.
    pub fn set_result(&self, value: T) -> Result<(), InvalidState> {
        self.cell.finish(Ok(value))
    }

    /// For executors: the task has failed with this message.
    ///
    /// # Errors
    /// The future is done or cancelled.
    pub fn set_exception(&self, message: impl Into<String>) -> Result<(), InvalidState> {
        let panic = TaskPanicked::new(message);
        self.cell.finish(Err(FutureError::Panicked(panic)))
    }

    /// Waits until the task is done. Returns false if the deadline (None: no limit) came first.
    pub(crate) fn wait_until(&self, deadline: Option<Instant>) -> bool {
        self.cell.wait(deadline, |_| ()).is_some()
    }

    fn result_until(&self, deadline: Option<Instant>) -> Result<T, FutureError>
    where
        T: Clone,
    {
        let outcome = self.cell.wait(deadline, Clone::clone);
        outcome.unwrap_or(Err(FutureError::Timeout))
    }

    fn exception_until(&self, deadline: Option<Instant>) -> Option<FutureError> {
        let error = self
            .cell
            .wait(deadline, |outcome| outcome.as_ref().err().cloned());
        error.unwrap_or(Some(FutureError::Timeout))
    }

    fn watch(&self, watcher: &Arc<Watcher>, index: usize) {
        self.cell.watch(Watch::new(watcher, index));
    }

    /// Distinguishes this future from all others that exist.
    fn id(&self) -> *const FutureCell<T> {
        Arc::as_ptr(&self.cell)
    }
}

/// It is the same future.
impl<T> PartialEq for Future<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl<T> Eq for Future<T> {}

impl<T> Hash for Future<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl<T> fmt::Debug for Future<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.cell.running() {
            Some(false) => "pending",
            Some(true) => "running",
            None if self.cancelled() => "cancelled",
            None => "finished",
        };
        write!(f, "<Future state={state}>")
    }
}
