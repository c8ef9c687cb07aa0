//! Creates and starts threads with Python's methods.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use super::error::ThreadError;
use super::exit;
use super::registry;
use super::thread::{Phase, State, Target, Thread};
use super::unregistered_name::next_name;
use crate::future::panic_message;
use crate::notebook::CellOutput;
use crate::os;
use crate::sync;

impl Thread {
    /// Creates a thread named `Thread-N`, N counted from 1. It does not run yet.
    pub fn new(target: impl FnOnce() + Send + 'static) -> Self {
        Self::named(next_name(), target)
    }

    /// Creates a thread with the given name. It takes no number.
    pub fn named(name: impl Into<String>, target: impl FnOnce() + Send + 'static) -> Self {
        let state = State::of(Box::new(target));
        Self::make(name.into(), registry::current_thread().daemon(), state)
    }

    /// Starts the thread. Returns when it runs.
    ///
    /// # Errors
    /// [`StartedTwice`](ThreadError::StartedTwice); [`CannotStart`](ThreadError::CannotStart), after which `start` may
    /// not be called again.
    pub fn start(&self) -> Result<(), ThreadError> {
        if !self.daemon() {
            exit::wait_for_threads_at_exit();
        }
        let mut state = self.state();
        let target = state.target.take().ok_or(ThreadError::StartedTwice)?;
        // A thread that was created before a fork may be started in the child.
        self.0.owner_pid.store(os::process_id(), Ordering::Relaxed);
        let (me, output) = (self.clone(), CellOutput::of_this_thread());
        let handle = std::thread::Builder::new()
            .name(self.name())
            .spawn(move || me.run(target, &output))
            .map_err(|error| ThreadError::CannotStart(error.to_string()))?;
        state.handle = Some(handle);
        while matches!(state.phase, Phase::Initial) {
            state = sync::wait(&self.0.ended, state);
        }
        Ok(())
    }

    /// The body of the new thread.
    fn run(&self, target: Target, output: &CellOutput) {
        registry::enter(self);
        self.set_ids();
        self.state().phase = Phase::Running;
        self.0.ended.notify_all();
        let result = output.scope(|| catch_unwind(AssertUnwindSafe(target)));
        registry::leave(self);
        self.state().phase = Phase::Ended {
            panic: result.err().map(panic_message),
        };
        self.0.ended.notify_all();
    }
}
