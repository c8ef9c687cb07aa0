//! The result of an asynchronous task.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::error::PoolError;
use crate::notebook::{Blocked, BlockedOn};
use crate::sync::{lock, wait};
use crate::wait::deadline;

/// The pending result of [`Pool::apply_async`](super::Pool::apply_async) and the like: Python's `AsyncResult`.
#[doc(alias("ApplyResult", "MapResult"))]
pub struct AsyncResult<R> {
    cell: Arc<OutcomeCell<R>>,
}

struct OutcomeCell<R> {
    outcome: Mutex<Outcome<R>>,
    ready: Condvar,
}

enum Outcome<R> {
    Pending,
    Ready(Result<R, PoolError>),
    Taken { successful: bool },
}

/// The other end, which sets the result.
pub(super) struct Promise<R>(Arc<OutcomeCell<R>>);

pub(super) fn promise<R>() -> (Promise<R>, AsyncResult<R>) {
    let cell = Arc::new(OutcomeCell {
        outcome: Mutex::new(Outcome::Pending),
        ready: Condvar::new(),
    });
    (Promise(Arc::clone(&cell)), AsyncResult { cell })
}

impl<R> Promise<R> {
    pub(super) fn fulfill(self, outcome: Result<R, PoolError>) {
        *lock(&self.0.outcome) = Outcome::Ready(outcome);
        self.0.ready.notify_all();
    }
}

impl<R> AsyncResult<R> {
    /// Waits for the result and returns it.
    ///
    /// # Errors
    /// Those of the task.
    pub fn get(self) -> Result<R, PoolError> {
        self.wait();
        self.take()
    }

    /// Waits for the result for at most `timeout` and returns it. It can be taken once.
    ///
    /// # Errors
    /// [`Timeout`](PoolError::Timeout), after which the caller may try again; those of the task.
    pub fn get_timeout(&self, timeout: Duration) -> Result<R, PoolError> {
        match self.wait_timeout(timeout) {
            true => self.take(),
            false => Err(PoolError::Timeout),
        }
    }

    /// Waits until the task has finished.
    pub fn wait(&self) {
        self.wait_timeout(Duration::MAX);
    }

    /// Waits for at most `timeout`. Returns whether the task has finished.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        let deadline = deadline(timeout);
        let mut outcome = lock(&self.cell.outcome);
        let _blocked = matches!(*outcome, Outcome::Pending)
            .then(|| Blocked::on(BlockedOn::Tasks, deadline.is_some()));
        while matches!(*outcome, Outcome::Pending) {
            let Some(deadline) = deadline else {
                outcome = wait(&self.cell.ready, outcome);
                continue;
            };
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.cell.ready.wait_timeout(outcome, left);
            outcome = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Returns whether the task has finished.
    pub fn ready(&self) -> bool {
        !matches!(*lock(&self.cell.outcome), Outcome::Pending)
    }

    /// Returns whether the task has finished with a value.
    ///
    /// # Errors
    /// [`NotReady`](PoolError::NotReady): the task has not finished.
    pub fn successful(&self) -> Result<bool, PoolError> {
        match *lock(&self.cell.outcome) {
            Outcome::Pending => Err(PoolError::NotReady),
            Outcome::Ready(ref outcome) => Ok(outcome.is_ok()),
            Outcome::Taken { successful } => Ok(successful),
        }
    }

    fn take(&self) -> Result<R, PoolError> {
        let mut outcome = lock(&self.cell.outcome);
        let successful = matches!(*outcome, Outcome::Ready(Ok(_)));
        match std::mem::replace(&mut *outcome, Outcome::Taken { successful }) {
            Outcome::Ready(result) => result,
            Outcome::Taken { successful } => {
                *outcome = Outcome::Taken { successful };
                Err(PoolError::Result("the result was already taken".into()))
            }
            Outcome::Pending => unreachable!("the caller has waited"),
        }
    }
}

impl<R> fmt::Debug for AsyncResult<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<AsyncResult ready={}>", self.ready())
    }
}
