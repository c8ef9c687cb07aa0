//! The result of a task that runs on a [`ThreadPoolExecutor`](crate::prelude::ThreadPoolExecutor).

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::sync;

/// The pending result of a submitted task: Python's `concurrent.futures.Future`.
pub struct Future<T> {
    cell: Arc<OutcomeCell<T>>,
    /// The process whose threads run the task. A forked child has no such threads.
    owner_pid: u32,
}

/// The task panicked. `Display` gives the panic's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPanicked {
    message: String,
}

struct OutcomeCell<T> {
    outcome: Mutex<Option<Result<T, TaskPanicked>>>,
    ready: Condvar,
}

/// Waits until all of `futures` are done.
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = ThreadPoolExecutor::new(2);
/// let squares: Vec<_> = (1..4).map(|n| pool.submit(move || n * n)).collect();
/// wait(&squares);
/// assert!(squares.iter().all(Future::done));
/// ```
pub fn wait<'a, T: 'a>(futures: impl IntoIterator<Item = &'a Future<T>>) {
    for future in futures {
        drop(future.wait_done());
    }
}

impl<T> Future<T> {
    /// Waits for the task and returns its value, or the message of its panic.
    ///
    /// # Panics
    /// In a forked process, if the task was not done before the fork: only the parent has its thread.
    pub fn result(self) -> Result<T, TaskPanicked> {
        let outcome = self.wait_done().take();
        outcome.expect(
            "`wait_done` returns when there is an outcome, and `result` takes the only handle",
        )
    }

    /// Returns whether the task has finished, with a value or by a panic.
    pub fn done(&self) -> bool {
        self.cell.lock().is_some()
    }

    fn wait_done(&self) -> MutexGuard<'_, Option<Result<T, TaskPanicked>>> {
        let mut outcome = self.cell.lock();
        while outcome.is_none() {
            assert!(
                self.owner_pid == std::process::id(),
                "this future belongs to a thread of process {}: wait for it there",
                self.owner_pid
            );
            outcome = sync::wait(&self.cell.ready, outcome);
        }
        outcome
    }
}

impl<T> fmt::Debug for Future<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.done() { "finished" } else { "pending" };
        write!(f, "<Future state={state}>")
    }
}

impl fmt::Display for TaskPanicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TaskPanicked {}

impl<T> OutcomeCell<T> {
    fn lock(&self) -> MutexGuard<'_, Option<Result<T, TaskPanicked>>> {
        sync::lock(&self.outcome)
    }
}

/// Splits `f` into a task to run on some thread, and the future for its outcome.
pub(crate) fn task<T, F>(f: F) -> (impl FnOnce() + Send + 'static, Future<T>)
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let cell = Arc::new(OutcomeCell {
        outcome: Mutex::new(None),
        ready: Condvar::new(),
    });
    let future = Future {
        cell: Arc::clone(&cell),
        owner_pid: std::process::id(),
    };
    let run = move || {
        let outcome = catch_unwind(AssertUnwindSafe(f)).map_err(|payload| TaskPanicked {
            message: panic_message(payload),
        });
        *cell.lock() = Some(outcome);
        cell.ready.notify_all();
    };
    (run, future)
}

/// Returns the message of a panic.
pub(crate) fn panic_message(payload: Box<dyn Any + Send>) -> String {
    let message = match payload.downcast_ref::<&str>() {
        Some(text) => (*text).to_owned(),
        None => payload
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| "panicked with a value that is not text".into()),
    };
    // A payload of a user's type may panic when it is dropped, where no one would catch it.
    std::mem::forget(payload);
    message
}
