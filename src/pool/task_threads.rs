//! The threads of a pool that wait for asynchronous tasks.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use crate::process::threads::spawn_own_large;
use crate::sync::lock;

/// The threads for asynchronous tasks: each starts a worker and waits for its result.
#[derive(Default)]
pub(super) struct TaskThreads {
    state: Mutex<State>,
}

pub(super) type Task = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    waiting: VecDeque<Task>,
    running: usize,
}

impl TaskThreads {
    /// Has `task` run on one of at most `most` threads, in the order of the calls. A thread exits when no task is waiting.
    ///
    /// The error contains the task: no thread runs, and none can be started.
    pub(super) fn run(self: &Arc<Self>, most: usize, task: Task) -> Result<(), (io::Error, Task)> {
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
            // The running threads will get to it.
            Err(_) if state.running > 0 => {}
            Err(error) => {
                // No thread has taken it: none runs.
                let task = state.waiting.pop_back();
                return Err((error, task.unwrap_or_else(|| Box::new(|| ()))));
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
