//! A task on its way to a thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::future::{Future, FutureCell, FutureError, panicked};
use crate::notebook::CellOutput;

/// A task that any thread can run.
pub(super) trait Job: Send {
    fn run(self: Box<Self>);
    /// The task will not run: its future gets this error.
    fn abandon(self: Box<Self>, error: FutureError);
}

struct Task<T, F> {
    f: F,
    cell: Arc<FutureCell<T>>,
    output: CellOutput,
}

/// Makes a task of `f`, and the future for its outcome.
pub(super) fn task<T, F>(f: F) -> (Box<dyn Job>, Future<T>)
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let cell = Arc::new(FutureCell::new());
    let job = Box::new(Task {
        f,
        cell: Arc::clone(&cell),
        output: CellOutput::of_this_thread(),
    });
    (job, Future::of(cell))
}

impl<T, F> Job for Task<T, F>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    fn run(self: Box<Self>) {
        let Self { f, cell, output } = *self;
        if cell.begin() != Ok(true) {
            return;
        }
        // What the task printed is out before anyone sees that it is done.
        let outcome = output.scope(|| catch_unwind(AssertUnwindSafe(f)).map_err(panicked));
        // No one else finishes a running task.
        let _ = output.scope(|| cell.finish(outcome));
    }

    fn abandon(self: Box<Self>, error: FutureError) {
        // If it was cancelled, it stays cancelled.
        let _ = self.output.scope(|| self.cell.finish(Err(error)));
    }
}
