//! How many workers of a pool may run, and which ones do.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use super::error::PoolError;
use crate::os;
use crate::process::ChildProcess;
use crate::sync;

/// The slots for workers of one pool. They belong to the process that created the pool; a forked child does not access
/// them.
pub(super) struct Slots {
    pub(super) count: usize,
    /// The process that created the pool.
    owner_pid: u32,
    pub(super) settings: Settings,
    state: Mutex<State>,
    changed: Condvar,
}

/// What all workers of a pool have in common.
#[derive(Default)]
pub(super) struct Settings {
    /// Each worker calls it before its first task.
    pub(super) initializer: Option<Box<dyn Fn() + Send + Sync>>,
    /// How many chunks a worker does before a new one takes its place.
    pub(super) max_tasks: Option<usize>,
}

struct State {
    phase: Phase,
    free: usize,
    /// Calls that were accepted and are not done.
    calls: usize,
    /// Workers that run, or have sent their last result and are about to exit.
    workers: Vec<ChildProcess>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Phase {
    Run,
    Close,
    Terminate,
}

/// Some of the slots. Releases them when dropped.
pub(super) struct AcquiredSlots {
    slots: Arc<Slots>,
    pub(super) count: usize,
}

/// A call that was accepted. Ends when dropped.
pub(super) struct ActiveCall(Arc<Slots>);

impl Slots {
    pub(super) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            count,
            owner_pid: os::process_id(),
            settings: Settings::default(),
            state: Mutex::new(State {
                phase: Phase::Run,
                free: count,
                calls: 0,
                workers: Vec::new(),
            }),
            changed: Condvar::new(),
        })
    }

    /// Returns the usual size of chunks: a fourth of a worker's even share.
    pub(super) fn chunksize(&self, items: usize) -> usize {
        items.div_ceil(4 * self.count)
    }

    pub(super) fn is_owner(&self) -> bool {
        self.owner_pid == os::process_id()
    }

    /// Accepts a new call.
    pub(super) fn begin_call(self: &Arc<Self>) -> Result<ActiveCall, PoolError> {
        if !self.is_owner() {
            return Err(PoolError::OtherProcess(self.owner_pid));
        }
        let mut state = self.lock();
        if state.phase != Phase::Run {
            return Err(PoolError::NotRunning);
        }
        state.calls += 1;
        Ok(ActiveCall(Arc::clone(self)))
    }

    /// Blocks until a slot is free and acquires as many as are free, at most `most`.
    pub(super) fn acquire(self: &Arc<Self>, most: usize) -> Result<AcquiredSlots, PoolError> {
        let mut state = self.lock();
        while state.free == 0 && state.phase != Phase::Terminate {
            state = self.wait(state);
        }
        if state.phase == Phase::Terminate {
            return Err(PoolError::Terminated);
        }
        let count = most.min(state.free);
        state.free -= count;
        // Drop the handles of workers that have exited since.
        state.workers.retain(ChildProcess::is_alive);
        Ok(AcquiredSlots {
            slots: Arc::clone(self),
            count,
        })
    }

    /// Records a worker that was started.
    pub(super) fn add(&self, worker: ChildProcess) -> Result<(), PoolError> {
        let mut state = self.lock();
        let terminated = state.phase == Phase::Terminate;
        if terminated {
            kill_worker(&worker);
        }
        // Done in any case: `join` waits for all that were started.
        state.workers.push(worker);
        match terminated {
            true => Err(PoolError::Terminated),
            false => Ok(()),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.lock().phase
    }

    pub(super) fn close(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Run {
            state.phase = Phase::Close;
        }
    }

    /// Kills all workers. Unfinished calls fail.
    pub(super) fn terminate(&self) {
        let mut state = self.lock();
        state.phase = Phase::Terminate;
        for worker in &state.workers {
            kill_worker(worker);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Blocks until all calls are done and all workers have exited.
    pub(super) fn join(&self) {
        let mut state = self.lock();
        while state.calls > 0 {
            state = self.wait(state);
        }
        let workers = std::mem::take(&mut state.workers);
        drop(state);
        for worker in workers {
            // It has exited or cannot be waited for: either way there is nothing more to do.
            let _ = worker.join();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        sync::wait(&self.changed, state)
    }
}

/// Sends SIGKILL: a worker has nothing to clean up that a signal handler could.
pub(super) fn kill_worker(worker: &ChildProcess) {
    // An error means that it has exited already.
    let _ = worker.kill();
}

impl Drop for AcquiredSlots {
    fn drop(&mut self) {
        self.slots.lock().free += self.count;
        self.slots.changed.notify_all();
    }
}

impl Drop for ActiveCall {
    fn drop(&mut self) {
        self.0.lock().calls -= 1;
        self.0.changed.notify_all();
    }
}
