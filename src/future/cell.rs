//! What a future shares with its task.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Instant;

use super::Future;
use super::error::{FutureError, InvalidState};
use super::watcher::{Watch, Watcher};
use crate::ipc::adaptive_spin::AdaptiveSpin;
use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::sync;

/// About 50 µs.
static SPIN: AdaptiveSpin = AdaptiveSpin::new(2000);

type Callback<T> = Box<dyn FnOnce(&Future<T>) + Send>;

pub(crate) struct FutureCell<T> {
    /// Held only briefly, and no other lock is taken under it.
    state: Mutex<State<T>>,
    changed: Condvar,
    /// A hint for those that do not hold the lock.
    is_done: AtomicBool,
    /// The process whose workers run the task. A forked child has no such workers.
    owner_pid: u32,
}

struct State<T> {
    phase: Phase<T>,
    callbacks: Vec<Callback<T>>,
    /// The task is done, and its callbacks are being called.
    calling_back: bool,
    watches: Vec<Watch>,
    claim: Option<Arc<dyn Claim>>,
    /// How many threads wait on `changed`: without any, no system call is needed.
    sleepers: usize,
}

enum Phase<T> {
    Pending,
    Running,
    Done(Result<T, FutureError>),
}

/// A task's place among those that other processes may take at any time.
pub(crate) trait Claim: Send + Sync {
    /// Withdraws the task. Returns false if a process has taken it.
    fn withdraw(&self) -> bool;
    /// Returns whether a process has taken the task.
    fn is_taken(&self) -> bool;
}

impl<T> FutureCell<T> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                phase: Phase::Pending,
                callbacks: Vec::new(),
                calling_back: false,
                watches: Vec::new(),
                claim: None,
                sleepers: 0,
            }),
            changed: Condvar::new(),
            is_done: AtomicBool::new(false),
            owner_pid: os::process_id(),
        }
    }

    /// The task starts. Returns false if the future was cancelled before.
    pub(crate) fn begin(&self) -> Result<bool, InvalidState> {
        let mut state = self.lock();
        match state.phase {
            Phase::Pending => {
                state.phase = Phase::Running;
                Ok(true)
            }
            Phase::Done(Err(FutureError::Cancelled)) => Ok(false),
            Phase::Running | Phase::Done(_) => Err(InvalidState),
        }
    }

    /// From here on, another process may take the task. Returns false if the future was cancelled before.
    pub(crate) fn offer(&self, claim: Arc<dyn Claim>) -> bool {
        let mut state = self.lock();
        let is_pending = matches!(state.phase, Phase::Pending);
        if is_pending {
            state.claim = Some(claim);
        }
        is_pending
    }

    pub(super) fn cancel(self: &Arc<Self>) -> bool {
        let state = self.lock();
        match &state.phase {
            Phase::Done(outcome) => matches!(outcome, Err(FutureError::Cancelled)),
            Phase::Running => false,
            Phase::Pending => {
                let is_free = state.claim.as_ref().is_none_or(|claim| claim.withdraw());
                if is_free {
                    self.end(state, Err(FutureError::Cancelled));
                }
                is_free
            }
        }
    }

    /// Sets the outcome, then wakes all who wait and calls the callbacks.
    pub(crate) fn finish(
        self: &Arc<Self>,
        outcome: Result<T, FutureError>,
    ) -> Result<(), InvalidState> {
        let state = self.lock();
        match state.phase {
            Phase::Done(_) => Err(InvalidState),
            Phase::Pending | Phase::Running => {
                self.end(state, outcome);
                Ok(())
            }
        }
    }

    fn end(self: &Arc<Self>, mut state: MutexGuard<'_, State<T>>, outcome: Result<T, FutureError>) {
        state.phase = Phase::Done(outcome);
        state.claim = None;
        let callbacks = std::mem::take(&mut state.callbacks);
        let watches = std::mem::take(&mut state.watches);
        state.calling_back = !callbacks.is_empty();
        let sleepers = state.sleepers;
        drop(state);
        // Not before the lock is free: those that spin want it next.
        self.is_done.store(true, Relaxed);
        if sleepers > 0 {
            self.changed.notify_all();
        }
        for watch in watches {
            watch.tell();
        }
        if !callbacks.is_empty() {
            for callback in callbacks {
                self.call(callback);
            }
            self.lock().calling_back = false;
            self.changed.notify_all();
        }
    }

    pub(super) fn add_callback(self: &Arc<Self>, callback: Callback<T>) {
        {
            let mut state = self.lock();
            if !matches!(state.phase, Phase::Done(_)) {
                state.callbacks.push(callback);
                return;
            }
        }
        self.call(callback);
    }

    fn call(self: &Arc<Self>, callback: Callback<T>) {
        let future = Future::of(Arc::clone(self));
        // A panic has printed its message; as in Python, it affects neither the task nor other callbacks.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| callback(&future)));
    }

    /// Waits until the task is done, and calls `read` with its outcome. None: the deadline has passed.
    pub(super) fn wait<R>(
        &self,
        deadline: Option<Instant>,
        read: impl FnOnce(&Result<T, FutureError>) -> R,
    ) -> Option<R> {
        let mut state = self.lock();
        loop {
            if let Phase::Done(outcome) = &state.phase {
                return Some(read(outcome));
            }
            let in_time;
            (state, in_time) = self.sleep(state, deadline);
            if !in_time {
                return match &state.phase {
                    Phase::Done(outcome) => Some(read(outcome)),
                    _ => None,
                };
            }
        }
    }

    /// Waits until the task is done and its callbacks have returned, and takes the outcome. The caller has the only
    /// handle.
    pub(super) fn take(&self) -> Result<T, FutureError> {
        let mut state = self.lock();
        while !matches!(state.phase, Phase::Done(_)) || state.calling_back {
            state = self.sleep(state, None).0;
        }
        match std::mem::replace(&mut state.phase, Phase::Running) {
            Phase::Done(outcome) => outcome,
            Phase::Pending | Phase::Running => unreachable!("the loop has waited for the outcome"),
        }
    }

    fn sleep<'a>(
        &'a self,
        mut state: MutexGuard<'a, State<T>>,
        deadline: Option<Instant>,
    ) -> (MutexGuard<'a, State<T>>, bool) {
        self.assert_owner();
        // What takes no longer than waking a thread needs no sleep.
        if deadline.is_none() && !self.is_done.load(Relaxed) {
            drop(state);
            let is_done = SPIN.spin_until(|| self.is_done.load(Relaxed));
            state = self.lock();
            if is_done || matches!(state.phase, Phase::Done(_)) {
                return (state, true);
            }
        }
        state.sleepers += 1;
        let _blocked = Blocked::on(BlockedOn::Tasks, deadline.is_some());
        let (mut state, in_time) = sync::wait_until(&self.changed, state, deadline);
        state.sleepers -= 1;
        (state, in_time)
    }

    /// Has the watcher told when the task is done; at once, if it is.
    pub(super) fn watch(&self, watch: Watch) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Done(_)) {
            drop(state);
            watch.tell();
        } else {
            self.assert_owner();
            state.watches.push(watch);
        }
    }

    pub(super) fn unwatch(&self, watcher: &Arc<Watcher>) {
        self.lock().watches.retain(|watch| !watch.is_of(watcher));
    }

    /// Returns whether the task is running now; None if it is done.
    pub(super) fn running(&self) -> Option<bool> {
        let state = self.lock();
        match state.phase {
            Phase::Pending => Some(state.claim.as_ref().is_some_and(|claim| claim.is_taken())),
            Phase::Running => Some(true),
            Phase::Done(_) => None,
        }
    }

    /// Returns why there is no value, if the task is done.
    pub(super) fn error_now(&self) -> Option<FutureError> {
        match &self.lock().phase {
            Phase::Done(Err(error)) => Some(error.clone()),
            _ => None,
        }
    }

    fn assert_owner(&self) {
        assert!(
            self.owner_pid == os::process_id(),
            "this future belongs to process {}: wait for it there",
            self.owner_pid
        );
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        sync::lock(&self.state)
    }
}
