//! The items of this process that did not fit into a queue's memory, and the thread that writes them as readers make room.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use super::backoff::{Backoff, MAX_ROOM_WAIT};
use super::byte_queue::ByteQueue;
use crate::ipc::fork_local::ForkLocal;
use crate::process::threads::spawn_own;
use crate::process::{ExitPhase, at_exit};

/// One process's part of a queue. Lock order: `state`, then [`UNWRITTEN`].
#[derive(Default)]
pub(super) struct Feeder {
    state: Mutex<State>,
    closed: AtomicBool,
    written: Condvar,
    pub(super) backoff: Backoff,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    /// There is a thread; it ends when nothing is waiting.
    running: bool,
    /// The end of the process does not wait for the thread.
    cancelled: bool,
}

/// What the end of this process waits for: the number of queues whose items are not written yet.
static UNWRITTEN: ForkLocal<Unwritten> = ForkLocal::new();

#[derive(Default)]
struct Unwritten {
    queues: Mutex<usize>,
    none_left: Condvar,
    /// Once: the process will wait.
    hooked: OnceLock<()>,
}

impl Feeder {
    /// Runs `write` and leaves the message to the thread if that says so.
    pub(super) fn write_or_leave(
        &self,
        byte_queue: &Arc<ByteQueue>,
        message: &[u8],
        write: impl FnOnce(&[u8], Order) -> Written,
    ) -> io::Result<Outcome> {
        let mut state = lock(&self.state);
        if self.is_closed() {
            return Ok(Outcome::Closed);
        }
        let order = if state.running {
            Order::Behind
        } else {
            Order::First
        };
        match write(message, order) {
            Written::Done => return Ok(Outcome::Done),
            Written::Full => return Ok(Outcome::Full),
            Written::NoRoom => return Ok(Outcome::NoRoom),
            Written::Counted => {}
        }
        if !state.running {
            self.start(byte_queue)
                .inspect_err(|_| byte_queue.forget_left())?;
            state.running = true;
            if !state.cancelled {
                *lock(&UNWRITTEN.get().queues) += 1;
            }
        }
        state.waiting.push_back(message.into());
        Ok(Outcome::Done)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Waits a moment for the thread. Whether all items of this process are written.
    pub(super) fn wait_a_moment(&self) -> bool {
        let state = lock(&self.state);
        let waited = self
            .written
            .wait_timeout_while(state, MAX_ROOM_WAIT, |state| state.running);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Waits until all items of this process are written.
    pub(super) fn join(&self) {
        let mut state = lock(&self.state);
        while state.running {
            state = wait(&self.written, state);
        }
    }

    /// Lets the process end without waiting for the thread.
    pub(super) fn cancel_join(&self) {
        let mut state = lock(&self.state);
        if state.running && !state.cancelled {
            one_less_unwritten();
        }
        state.cancelled = true;
    }

    fn start(&self, byte_queue: &Arc<ByteQueue>) -> io::Result<()> {
        UNWRITTEN.get().hooked.get_or_init(|| {
            at_exit(ExitPhase::AfterChildren, wait_for_all);
        });
        let byte_queue = Arc::clone(byte_queue);
        spawn_own("QueueFeederThread", move || {
            byte_queue.feeder().run(&byte_queue)
        })
    }

    fn run(&self, byte_queue: &ByteQueue) {
        let mut state = lock(&self.state);
        while let Some(message) = state.waiting.pop_front() {
            drop(state);
            byte_queue.write_left(&message);
            state = lock(&self.state);
        }
        state.running = false;
        if !state.cancelled {
            one_less_unwritten();
        }
        drop(state);
        self.written.notify_all();
    }
}

/// How a message stands to the others of its process.
#[derive(PartialEq)]
pub(super) enum Order {
    First,
    /// Others wait before it: it must not overtake them.
    Behind,
}

/// What became of a message at the first try.
pub(super) enum Written {
    Done,
    /// It is counted, and must be kept.
    Counted,
    /// There is no room, and the caller wants to wait for it.
    NoRoom,
    /// The queue has as many items as it may.
    Full,
}

pub(super) enum Outcome {
    Done,
    NoRoom,
    Full,
    Closed,
}

/// At the end of the process. Python joins its feeder threads here.
fn wait_for_all() {
    let unwritten = UNWRITTEN.get();
    let mut queues = lock(&unwritten.queues);
    while *queues > 0 {
        queues = wait(&unwritten.none_left, queues);
    }
}

fn one_less_unwritten() {
    let unwritten = UNWRITTEN.get();
    let mut queues = lock(&unwritten.queues);
    *queues -= 1;
    if *queues == 0 {
        unwritten.none_left.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
