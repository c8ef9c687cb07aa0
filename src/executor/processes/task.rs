//! A task that a worker process runs.

use std::io;
use std::sync::Arc;

use super::call::Call;
use crate::future::{Claim, Future, FutureCell, FutureError};
use crate::ipc::Item;
use crate::ipc::item::{decode, encode};
use crate::notebook::CellOutput;

/// A task, of which each worker that is forked has a copy.
pub(super) trait Task: Send {
    /// From here on, workers may take the task. Returns false if it was cancelled.
    fn offer(&self, claim: Arc<dyn Claim>) -> bool;
    /// The task as a call that can be sent to a worker that has no copy.
    fn call(&self) -> Option<&Call>;
    /// Runs the task, once, and serializes its value to the end of `bytes`. For the worker.
    fn run(&mut self, bytes: &mut Vec<u8>) -> io::Result<()>;
    /// Completes the future. For the process that has it.
    fn complete(self: Box<Self>, result: Result<&[u8], FutureError>);
}

/// A task for a worker, and the future for its caller.
pub(super) type Submitted<R> = (Box<dyn Task>, Future<R>);

struct TaskOf<R, F> {
    work: Work<F>,
    cell: Arc<FutureCell<R>>,
    output: CellOutput,
}

enum Work<F> {
    /// None: it runs or has run.
    Closure(Option<F>),
    Call(Call),
}

/// Makes a task of `f`, and the future for its outcome.
pub(super) fn task<R, F>(f: F) -> Submitted<R>
where
    R: Item + Send,
    F: FnOnce() -> R + Send + 'static,
{
    let output = CellOutput::of_this_thread();
    task_of(Work::Closure(Some(f)), output)
}

/// Makes a task of a call of `f`, and the future for its outcome.
///
/// # Errors
/// The argument cannot be serialized, so the future has failed.
pub(super) fn call_task<A, R>(f: fn(A) -> R, argument: &A) -> Result<Submitted<R>, Future<R>>
where
    A: Item,
    R: Item + Send,
{
    let output = CellOutput::of_this_thread();
    match Call::new(f, argument, &output) {
        Ok(call) => Ok(task_of(Work::<fn() -> R>::Call(call), output)),
        Err(error) => {
            let future = Future::new();
            let error = FutureError::NotSent(error.to_string());
            // No one else knows the future yet.
            let _ = future.cell.finish(Err(error));
            Err(future)
        }
    }
}

fn task_of<R, F>(work: Work<F>, output: CellOutput) -> Submitted<R>
where
    R: Item + Send,
    F: FnOnce() -> R + Send + 'static,
{
    let cell = Arc::new(FutureCell::new());
    let task = Box::new(TaskOf {
        work,
        cell: Arc::clone(&cell),
        output,
    });
    (task, Future::of(cell))
}

impl<R, F> Task for TaskOf<R, F>
where
    R: Item + Send,
    F: FnOnce() -> R + Send + 'static,
{
    fn offer(&self, claim: Arc<dyn Claim>) -> bool {
        self.cell.offer(claim)
    }

    fn call(&self) -> Option<&Call> {
        match &self.work {
            Work::Call(call) if call.is_short() => Some(call),
            Work::Call(_) | Work::Closure(_) => None,
        }
    }

    fn run(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        match &mut self.work {
            Work::Call(call) => call.run(bytes),
            Work::Closure(f) => match f.take() {
                Some(f) => self.output.scope(|| encode(&f(), bytes)),
                None => Err(io::Error::other("the task has run already")),
            },
        }
    }

    fn complete(self: Box<Self>, result: Result<&[u8], FutureError>) {
        let outcome = result.and_then(|bytes| {
            decode(bytes).map_err(|error| FutureError::NotSent(error.to_string()))
        });
        // If it was cancelled, it stays cancelled.
        let _ = self.output.scope(|| self.cell.finish(outcome));
    }
}
