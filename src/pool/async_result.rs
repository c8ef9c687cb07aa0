//! Tasks whose results are asked for later.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::PoolError;
use crate::process::threads::spawn_own_large;
use crate::shared::wait::deadline;

/// What [`Pool::apply_async`](super::Pool::apply_async) will give: Python's `AsyncResult`.
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

/// The other end: gives the result.
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
    /// Waits for the result and takes it.
    ///
    /// # Errors
    /// Those of the task.
    pub fn get(self) -> Result<R, PoolError> {
        self.wait();
        self.take()
    }

    /// Waits for the result at most `timeout` and takes it. It can be taken once.
    ///
    /// # Errors
    /// [`Timeout`](PoolError::Timeout), after which one may ask again; those of the task.
    pub fn get_timeout(&self, timeout: Duration) -> Result<R, PoolError> {
        match self.wait_timeout(timeout) {
            true => self.take(),
            false => Err(PoolError::Timeout),
        }
    }

    /// Waits until the task has ended.
    pub fn wait(&self) {
        self.wait_timeout(Duration::MAX);
    }

    /// Waits at most `timeout`. Whether the task has ended.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        let deadline = deadline(timeout);
        let mut outcome = lock(&self.cell.outcome);
        while matches!(*outcome, Outcome::Pending) {
            let Some(deadline) = deadline else {
                outcome = unpoisoned(self.cell.ready.wait(outcome));
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

    /// Whether the task has ended.
    pub fn ready(&self) -> bool {
        !matches!(*lock(&self.cell.outcome), Outcome::Pending)
    }

    /// Whether the task has ended with a value. None: it has not ended (Python raises then).
    pub fn successful(&self) -> Option<bool> {
        match *lock(&self.cell.outcome) {
            Outcome::Pending => None,
            Outcome::Ready(ref outcome) => Some(outcome.is_ok()),
            Outcome::Taken { successful } => Some(successful),
        }
    }

    fn take(&self) -> Result<R, PoolError> {
        let mut outcome = lock(&self.cell.outcome);
        let successful = matches!(*outcome, Outcome::Ready(Ok(_)));
        match std::mem::replace(&mut *outcome, Outcome::Taken { successful }) {
            Outcome::Ready(result) => result,
            Outcome::Taken { successful } => {
                *outcome = Outcome::Taken { successful };
                Err(PoolError::Result("the result was taken before".into()))
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

/// The threads that see to asynchronous tasks: each starts a worker and waits for its result.
#[derive(Default)]
pub(super) struct TaskThreads {
    state: Mutex<State>,
}

type Task = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    waiting: VecDeque<Task>,
    running: usize,
}

impl TaskThreads {
    /// Has `task` run on one of at most `most` threads. A thread ends when nothing waits.
    pub(super) fn run(self: &Arc<Self>, most: usize, task: Task) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.waiting.push_back(task);
        if state.running == most {
            return Ok(());
        }
        let threads = Arc::clone(self);
        // Results are decoded there, which may be the user's code.
        let started = spawn_own_large("threadbook-pool", move || {
            while let Some(task) = threads.next() {
                task();
            }
        });
        match started {
            Ok(()) => state.running += 1,
            // The threads there are will get to it.
            Err(_) if state.running > 0 => {}
            Err(error) => {
                state.waiting.pop_back();
                return Err(error);
            }
        }
        Ok(())
    }

    fn next(&self) -> Option<Task> {
        let mut state = lock(&self.state);
        let task = state.waiting.pop_front();
        if task.is_none() {
            state.running -= 1;
        }
        task
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

fn unpoisoned<G>(guard: Result<G, PoisonError<G>>) -> G {
    guard.unwrap_or_else(PoisonError::into_inner)
}
