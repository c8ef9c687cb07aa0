//! Which cell the output of an asynchronous task belongs to: the one that has spawned it.
//!
//! The notebook's tokio runtime calls the methods of [`TaskOutputs`] when a task is spawned, before and after each poll, and when
//! it has ended.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a cell's output goes: something of the runtime's, to be handed back to it.
#[repr(C)]
pub struct Output([u8; 0]);

// The std bridge, which is loaded before any cell, has these.
unsafe extern "C" {
    safe fn threadbook_output_hold() -> *const Output;
    fn threadbook_output_enter(output: *const Output) -> *const Output;
    fn threadbook_output_release(output: *const Output);
}

thread_local! {
    /// Where the thread's output went before the poll that it is in.
    static BEFORE: Cell<Option<*const Output>> = const { Cell::new(None) };
}

/// The outputs of all tasks that have not ended, by the tasks' ids.
pub struct TaskOutputs<Id> {
    /// Locked for the time of a look alone, and never inside of another lock of ours.
    held: Mutex<HashMap<Id, Held>>,
    /// A forked process has none of the threads that run tasks, and one of them may have had the lock.
    process: u32,
}

struct Held(*const Output);

// SAFETY: the pointer is only handed back to the runtime's functions, which any thread may call.
unsafe impl Send for Held {}

impl<Id: Eq + Hash> TaskOutputs<Id> {
    #[allow(clippy::new_without_default)]
    pub fn new() -> TaskOutputs<Id> {
        TaskOutputs { held: Mutex::default(), process: std::process::id() }
    }

    /// Notes that the calling thread has spawned the task.
    pub fn spawned(&self, id: Id) {
        if let Some(mut held) = self.lock() {
            let output = threadbook_output_hold();
            if !output.is_null() {
                held.insert(id, Held(output));
            }
        }
    }

    /// Leads the calling thread's output to the cell of the task, which it is about to poll.
    pub fn poll_begins(&self, id: Id) {
        let output = self.lock().and_then(|held| held.get(&id).map(|held| held.0));
        if let Some(output) = output {
            // SAFETY: `output` is held until the task has ended, and the task is in hand.
            BEFORE.set(Some(unsafe { threadbook_output_enter(output) }));
        }
    }

    /// Leads it back to where it went before.
    pub fn poll_ends(&self) {
        if let Some(before) = BEFORE.take() {
            // SAFETY: null, or what the thread was in when the poll began, which holds that one.
            unsafe { threadbook_output_enter(before) };
        }
    }

    /// Lets go of the output of a task that has ended. tokio tells so within the last poll, if the task was not cancelled.
    pub fn ended(&self, id: Id) {
        let held = self.lock().and_then(|mut held| held.remove(&id));
        if let Some(Held(output)) = held {
            self.poll_ends();
            // SAFETY: held by `spawned`, and taken out of the map once. No thread is in it: only a poll enters it, a task is polled
            // by one thread at a time, and this one has just left it.
            unsafe { threadbook_output_release(output) };
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, HashMap<Id, Held>>> {
        let is_fork = std::process::id() != self.process;
        (!is_fork).then(|| self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
