//! Directs the output of an asynchronous task to the cell that spawned the task.
//!
//! The notebook's tokio runtime calls the methods of [`TaskOutputs`] when a task is spawned, before and after each poll, and
//! when the task has ended.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A cell's output: an opaque value of the runtime's, only passed back to it.
#[repr(C)]
pub struct Output([u8; 0]);

// The std bridge, which is loaded before any cell, defines these.
unsafe extern "C" {
    safe fn threadbook_output_hold() -> *const Output;
    fn threadbook_output_enter(output: *const Output) -> *const Output;
    fn threadbook_output_release(output: *const Output);
}

thread_local! {
    /// The output that the thread wrote to before the current poll.
    static PREVIOUS: Cell<Option<*const Output>> = const { Cell::new(None) };
}

/// The outputs of all unfinished tasks, by task id.
pub struct TaskOutputs<Id> {
    /// Locked only for one access at a time, and never while another of our locks is held.
    held: Mutex<HashMap<Id, Held>>,
    /// The id of the process that made it. A forked process has none of the threads that run tasks, and one of them may have held
    /// the lock.
    process: u32,
}

struct Held(*const Output);

// SAFETY: the pointer is only passed back to the runtime's functions, which any thread may call.
unsafe impl Send for Held {}

impl<Id: Eq + Hash> TaskOutputs<Id> {
    #[allow(clippy::new_without_default)]
    pub fn new() -> TaskOutputs<Id> {
        TaskOutputs { held: Mutex::default(), process: std::process::id() }
    }

    /// Records that the calling thread has spawned the task.
    pub fn spawned(&self, id: Id) {
        if let Some(mut held) = self.lock() {
            let output = threadbook_output_hold();
            if !output.is_null() {
                held.insert(id, Held(output));
            }
        }
    }

    /// Diverts the calling thread, which is about to poll the task, to the output of the task's cell.
    pub fn poll_begins(&self, id: Id) {
        let output = self.lock().and_then(|held| held.get(&id).map(|held| held.0));
        if let Some(output) = output {
            // SAFETY: `output` is held until the task has ended, and a task that is about to be polled has not.
            PREVIOUS.set(Some(unsafe { threadbook_output_enter(output) }));
        }
    }

    /// Diverts the calling thread back to its previous output.
    pub fn poll_ends(&self) {
        if let Some(previous) = PREVIOUS.take() {
            // SAFETY: null, or the output that the thread was diverted to when the poll began, whose holder still holds it.
            unsafe { threadbook_output_enter(previous) };
        }
    }

    /// Releases the output of a task that has ended. tokio calls this within the last poll, unless the task was cancelled.
    pub fn ended(&self, id: Id) {
        let held = self.lock().and_then(|mut held| held.remove(&id));
        if let Some(Held(output)) = held {
            self.poll_ends();
            // SAFETY: `spawned` held it, and it is taken out of the map once. No thread is diverted to it: only a poll enters it, one
            // thread at a time polls a task, and this thread has just left it.
            unsafe { threadbook_output_release(output) };
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, HashMap<Id, Held>>> {
        let is_fork = std::process::id() != self.process;
        (!is_fork).then(|| self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
