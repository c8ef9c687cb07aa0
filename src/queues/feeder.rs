//! The items of this process that did not fit into a queue's memory, and the thread that writes them as readers make
//! room.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use super::backoff::{Backoff, MAX_ROOM_WAIT};
use super::storage::{FirstWrite, Storage};
use crate::ipc::fork_local::ForkLocal;
use crate::process::threads::spawn_own;
use crate::process::{ExitPhase, at_exit};
use crate::sync::{lock, wait};

/// One process's part of a queue. Lock order: the backlog's state, then [`UNWRITTEN`].
#[derive(Default)]
pub(super) struct Feeder {
    backlog: Arc<Backlog>,
    closed: AtomicBool,
    pub(super) backoff: Backoff,
}

/// What the feeder shares with its thread.
#[derive(Default)]
struct Backlog {
    state: Mutex<State>,
    /// The thread has written everything.
    written: Condvar,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Vec<u8>>,
    /// There is a thread; it exits when no message is left.
    running: bool,
    /// The process does not wait for the thread when it exits.
    cancelled: bool,
}

/// The result of [`Feeder::put`].
pub(super) enum PutOutcome {
    /// The message is written, or left to the thread.
    Done,
    /// There is no room, and the caller wants to wait for it.
    NoRoom,
    /// The queue has as many items as it may.
    Full,
    Closed,
}

/// What this process waits for when it exits: the number of queues whose items are not written yet.
static UNWRITTEN: ForkLocal<Unwritten> = ForkLocal::new();

#[derive(Default)]
struct Unwritten {
    queues: Mutex<usize>,
    none_left: Condvar,
    /// Set once the exit hook is registered.
    hooked: OnceLock<()>,
}

impl Feeder {
    /// Writes a message, or leaves it to the thread.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn put(
        &self,
        storage: &Arc<Storage>,
        message: &[u8],
        may_wait: bool,
    ) -> io::Result<PutOutcome> {
        let mut state = lock(&self.backlog.state);
        if self.is_closed() {
            return Ok(PutOutcome::Closed);
        }
        match storage.write_or_count(message, state.running, may_wait) {
            FirstWrite::Written => return Ok(PutOutcome::Done),
            FirstWrite::Full => return Ok(PutOutcome::Full),
            FirstWrite::NoRoom => return Ok(PutOutcome::NoRoom),
            FirstWrite::Pending => {}
        }
        if !state.running {
            self.start_thread(storage)
                .inspect_err(|_| storage.pending.remove_one())?;
            state.running = true;
            if !state.cancelled {
                *lock(&UNWRITTEN.get().queues) += 1;
            }
        }
        state.messages.push_back(message.into());
        Ok(PutOutcome::Done)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Waits for the thread, at most [`MAX_ROOM_WAIT`]. Returns whether all items of this process are written.
    pub(super) fn wait_briefly(&self) -> bool {
        let state = lock(&self.backlog.state);
        let waited = self
            .backlog
            .written
            .wait_timeout_while(state, MAX_ROOM_WAIT, |state| state.running);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Waits until all items of this process are written.
    pub(super) fn join(&self) {
        let mut state = lock(&self.backlog.state);
        while state.running {
            state = wait(&self.backlog.written, state);
        }
    }

    /// Lets the process exit without waiting for the thread.
    pub(super) fn cancel_join(&self) {
        let mut state = lock(&self.backlog.state);
        if state.running && !state.cancelled {
            remove_unwritten();
        }
        state.cancelled = true;
    }

    fn start_thread(&self, storage: &Arc<Storage>) -> io::Result<()> {
        UNWRITTEN.get().hooked.get_or_init(|| {
            at_exit(ExitPhase::AfterChildren, wait_for_all);
        });
        let (backlog, storage) = (Arc::clone(&self.backlog), Arc::clone(storage));
        spawn_own("QueueFeederThread", move || backlog.write_to(&storage))
    }
}

impl Backlog {
    /// The body of the thread.
    fn write_to(&self, storage: &Storage) {
        let mut state = lock(&self.state);
        while let Some(message) = state.messages.pop_front() {
            drop(state);
            storage.write_pending(&message);
            state = lock(&self.state);
        }
        state.running = false;
        if !state.cancelled {
            remove_unwritten();
        }
        drop(state);
        self.written.notify_all();
    }
}

/// Runs when the process exits. Python joins its feeder threads here.
fn wait_for_all() {
    let unwritten = UNWRITTEN.get();
    let mut queues = lock(&unwritten.queues);
    while *queues > 0 {
        queues = wait(&unwritten.none_left, queues);
    }
}

fn remove_unwritten() {
    let unwritten = UNWRITTEN.get();
    let mut queues = lock(&unwritten.queues);
    *queues -= 1;
    if *queues == 0 {
        unwritten.none_left.notify_all();
    }
}
