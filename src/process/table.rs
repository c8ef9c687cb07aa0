//! The children of this process, and how they ended.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, TryLockError};

use super::identity::Identity;

/// What a process knows of itself and its children. A forked child begins with a new one.
pub(super) struct Table {
    pub(super) identity: Identity,
    /// How many processes were made here (not: started).
    made: u32,
    /// The children that were started and not seen to end. Those whose handle is gone are here too, so that
    /// each is waited for some day and none stays a zombie.
    children: Vec<Arc<Child>>,
}

/// This crate's one global lock, held while forking too. Taken after the locks of stdout and stderr, before a child's `exit`.
static TABLE: Mutex<Table> = Mutex::new(Table::new(Identity::MAIN));

/// A process that this one has started.
pub(super) struct Child {
    pub(super) pid: u32,
    /// Held by the one thread that waits for the child.
    exit: Mutex<Option<Exit>>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// The exit code; -N if signal N ended it.
    Code(i32),
    /// Someone else in this process has waited for it and has its code.
    TakenByOther,
}

pub(super) fn lock() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for those children that have ended, without blocking: Python does this at `start`, `join` and `is_alive` too.
pub(super) fn reap() {
    lock().reap();
}

/// Waits until no child is left.
pub(super) fn join_all() {
    loop {
        let Some(child) = lock().children.pop() else {
            return;
        };
        // The child is gone or cannot be waited for; either way there is nothing more to do for it.
        let _ = child.wait();
    }
}

/// Has the children joined when the program ends by `exit` or by a return from `main`, as Python does for processes that are not daemons.
pub(super) fn join_all_at_exit() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function is never unloaded (nothing unloads this library), does not unwind, and runs as
        // ordinary code of the exiting thread. Should the system refuse, children end with their parent.
        unsafe { libc::atexit(at_exit) };
    });
}

extern "C" fn at_exit() {
    // A notebook's runtime must end when Jupyter restarts it, also while a process of a cell runs for ever.
    let in_notebook = std::env::var_os("EVCXR_IS_RUNTIME").is_some();
    if !(in_notebook && lock().identity.is_main()) {
        join_all();
    }
}

impl Table {
    pub(super) const fn new(identity: Identity) -> Self {
        Self {
            identity,
            made: 0,
            children: Vec::new(),
        }
    }

    /// The identity for a new process.
    pub(super) fn next_identity(&mut self) -> Identity {
        self.made += 1;
        self.identity.child(self.made)
    }

    pub(super) fn add(&mut self, pid: u32) -> Arc<Child> {
        let child = Arc::new(Child {
            pid,
            exit: Mutex::new(None),
        });
        self.children.push(Arc::clone(&child));
        child
    }

    pub(super) fn reap(&mut self) {
        self.children.retain(|child| child.poll().is_none());
    }
}

impl Child {
    /// How the child ended; None while it runs. Never blocks.
    pub(super) fn poll(&self) -> Option<Exit> {
        let mut exit = match self.exit.try_lock() {
            Ok(exit) => exit,
            Err(TryLockError::Poisoned(exit)) => exit.into_inner(),
            // Another thread is waiting for it and has not seen it end.
            Err(TryLockError::WouldBlock) => return None,
        };
        if exit.is_none() {
            // An error other than those `wait_for` knows cannot happen; the child then counts as running.
            *exit = wait_for(self.pid, libc::WNOHANG).unwrap_or(None);
        }
        *exit
    }

    /// Waits for the child to end. Several threads may wait for one child.
    pub(super) fn wait(&self) -> io::Result<Exit> {
        let mut exit = self.exit.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *exit {
                Some(ended) => return Ok(ended),
                None => *exit = wait_for(self.pid, 0)?,
            }
        }
    }
}

/// Waits for this child and no other: std's `Command` has children here too. None: it runs on (with WNOHANG).
///
/// The caller holds the child's `exit`, so that no two threads wait for one process id: it may belong to
/// another child as soon as the first has been waited for.
fn wait_for(pid: u32, options: libc::c_int) -> io::Result<Option<Exit>> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a live integer.
        match unsafe { libc::waitpid(pid as libc::pid_t, &raw mut status, options) } {
            0 => return Ok(None),
            1.. if libc::WIFEXITED(status) => {
                return Ok(Some(Exit::Code(libc::WEXITSTATUS(status))));
            }
            1.. => return Ok(Some(Exit::Code(-libc::WTERMSIG(status)))),
            _ => {}
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::ECHILD) => return Ok(Some(Exit::TakenByOther)),
            _ => return Err(error),
        }
    }
}
