//! The threads of this process that are known here.

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard};

use super::thread::Thread;
use super::unregistered_name::foreign_name;
use crate::ipc::fork_local::ForkLocal;
use crate::os;
use crate::sync;

/// Those that run, the main thread first, then in the order of their start.
///
/// No other lock is taken under it.
static THREADS: ForkLocal<Threads> = ForkLocal::new();

struct Threads {
    main: Thread,
    others: Mutex<Vec<Thread>>,
}

thread_local! {
    /// What this thread is called here, if it is not the main thread.
    static CURRENT: RefCell<Option<Entry>> = const { RefCell::new(None) };
}

/// A thread that something else has started. It is known here until it ends.
struct Entry {
    thread: Thread,
    is_foreign: bool,
}

impl Default for Threads {
    fn default() -> Self {
        Self {
            main: Thread::main(),
            others: Mutex::default(),
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.is_foreign {
            leave(&self.thread);
        }
    }
}

/// Returns the calling thread: Python's `threading.current_thread`.
///
/// A thread that `std::thread` or an executor has started is known from its first call on, as in Python; it counts as a
/// daemon.
pub fn current_thread() -> Thread {
    if os::on_main_thread() {
        let main = main_thread();
        main.set_ids();
        return main;
    }
    if let Some(thread) = known() {
        return thread;
    }
    let thread = Thread::foreign(foreign_name());
    // A thread that is exiting is not registered any more.
    let _ = CURRENT.try_with(|current| {
        others().push(thread.clone());
        *current.borrow_mut() = Some(Entry {
            thread: thread.clone(),
            is_foreign: true,
        });
    });
    thread
}

/// Returns the thread that runs `main`: Python's `threading.main_thread`. In a
/// [`Process`](crate::prelude::Process) it runs the closure.
pub fn main_thread() -> Thread {
    THREADS.get().main.clone()
}

/// Returns how many threads are alive, those of [`enumerate`]: Python's `threading.active_count`.
pub fn active_count() -> usize {
    1 + others().len()
}

/// Returns the threads that are alive: Python's `threading.enumerate`.
///
/// They are the main thread, the running [`Thread`]s, and those that something else has started and that have called
/// [`current_thread`]. The standard library does not tell of others.
pub fn enumerate() -> Vec<Thread> {
    let others = others().clone();
    [main_thread()].into_iter().chain(others).collect()
}

/// Returns the calling thread, if it is known and not the main thread.
pub(super) fn known() -> Option<Thread> {
    let known = CURRENT.try_with(|current| {
        let current = current.try_borrow().ok()?;
        current.as_ref().map(|entry| entry.thread.clone())
    });
    known.ok().flatten()
}

/// The calling thread begins to run as `thread`.
pub(super) fn enter(thread: &Thread) {
    others().push(thread.clone());
    CURRENT.set(Some(Entry {
        thread: thread.clone(),
        is_foreign: false,
    }));
}

/// The thread ends.
pub(super) fn leave(thread: &Thread) {
    others().retain(|other| other != thread);
}

fn others() -> MutexGuard<'static, Vec<Thread>> {
    sync::lock(&THREADS.get().others)
}
