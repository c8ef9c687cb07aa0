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

struct TaskOf<R, F> {
    /// None: it runs or has run.
    f: Option<F>,
    call: Option<Call>,
    cell: Arc<FutureCell<R>>,
    output: CellOutput,
}

/// Makes a task of `f`, and the future for its outcome.
pub(super) fn task<R, F>(f: F) -> (Box<dyn Task>, Future<R>)
where
    R: Item + Send,
    F: FnOnce() -> R + Send + 'static,
{
    with_call(f, CellOutput::of_this_thread(), None)
}

/// As [`task`], for a call of a function.
pub(super) fn call_task<A, R>(f: fn(A) -> R, argument: A) -> (Box<dyn Task>, Future<R>)
where
    A: Item + Send,
    R: Item + Send,
{
    let output = CellOutput::of_this_thread();
    let call = Call::new(f, &argument, &output);
    with_call(move || f(argument), output, call)
}

fn with_call<R, F>(f: F, output: CellOutput, call: Option<Call>) -> (Box<dyn Task>, Future<R>)
where
    R: Item + Send,
    F: FnOnce() -> R + Send + 'static,
{
    let cell = Arc::new(FutureCell::new());
    let task = Box::new(TaskOf {
        f: Some(f),
        call,
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
        self.call.as_ref()
    }

    fn run(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let Some(f) = self.f.take() else {
            return Err(io::Error::other("the task has run already"));
        };
        self.output.scope(|| encode(&f(), bytes))
    }

    fn complete(self: Box<Self>, result: Result<&[u8], FutureError>) {
        let outcome = result.and_then(|bytes| {
            decode(bytes).map_err(|error| FutureError::NotSent(error.to_string()))
        });
        // If it was cancelled, it stays cancelled.
        let _ = self.output.scope(|| self.cell.finish(outcome));
    }
}
