//! What this process knows about itself and its children.

use std::sync::{Arc, Mutex, MutexGuard};

use super::child::Child;
use super::exit_hooks::ExitHook;
use super::identity::Identity;
use super::names;
use crate::sync;

/// What a process knows about itself and its children. A forked child begins with a new one.
pub(super) struct ProcessTable {
    /// None: this is the main process.
    pub(super) current: Option<ProcessInfo>,
    /// How many processes were created here (not: started).
    created: u32,
    /// The children that were started and not seen to exit, including those whose handle was dropped, so that each is
    /// reaped some day and none stays a zombie.
    children: Vec<Arc<Child>>,
    /// Functions to run when the process exits.
    pub(super) hooks: Vec<ExitHook>,
}

/// What a child was told by its parent.
#[derive(Clone)]
pub(super) struct ProcessInfo {
    pub(super) identity: Identity,
    pub(super) name: String,
    pub(super) daemon: bool,
    pub(super) parent_pid: u32,
    pub(super) parent_name: String,
}

/// This crate's only global lock, also held while forking. Taken after the locks of stdout and stderr, before a child's
/// state.
static PROCESS_TABLE: Mutex<ProcessTable> = Mutex::new(ProcessTable::new(None));

pub(super) fn lock() -> MutexGuard<'static, ProcessTable> {
    sync::lock(&PROCESS_TABLE)
}

/// Reaps the children that have exited, without blocking: Python does this at `start`, `join` and `is_alive` too.
pub(super) fn reap() {
    lock().reap();
}

impl ProcessTable {
    pub(super) const fn new(current: Option<ProcessInfo>) -> Self {
        Self {
            current,
            created: 0,
            children: Vec::new(),
            hooks: Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.current
            .as_ref()
            .map_or(names::MAIN_PROCESS, |current| &current.name)
    }

    pub(super) fn daemon(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.daemon)
    }

    /// Returns the identity for a new process.
    pub(super) fn next_identity(&mut self) -> Identity {
        self.created += 1;
        match &self.current {
            None => Identity::MAIN.child(self.created),
            Some(current) => current.identity.child(self.created),
        }
    }

    pub(super) fn add(&mut self, child: Child) -> Arc<Child> {
        let child = Arc::new(child);
        self.children.push(Arc::clone(&child));
        child
    }

    pub(super) fn children(&self) -> &[Arc<Child>] {
        &self.children
    }

    pub(super) fn pop(&mut self) -> Option<Arc<Child>> {
        self.children.pop()
    }

    pub(super) fn reap(&mut self) {
        self.children.retain(|child| child.poll().is_none());
    }
}
