//! Kills a child when its parent exits, so that none outlives a notebook and keeps its output open.

use std::io;
use std::os::fd::AsFd;

use super::starter::Starter;
use super::threads;
use crate::notebook::{Blocked, BlockedOn};
use crate::os;

/// Created in the parent before the fork, armed in the child.
#[derive(Clone, Copy)]
pub(super) struct ExitWithParent {
    parent: u32,
    /// The system can send a signal when the forking thread exits. That is the exit of the process for a main thread,
    /// and for one that waits for its children.
    by_signal: bool,
}

impl ExitWithParent {
    pub(super) fn new(starter: Starter) -> Self {
        Self {
            parent: std::process::id(),
            by_signal: os::HAS_DEATH_SIGNAL && (starter == Starter::Stays || os::on_main_thread()),
        }
    }

    /// From here on the child is killed when the parent exits.
    pub(super) fn arm(self) -> io::Result<()> {
        if self.by_signal {
            os::kill_me_when_parent_thread_ends()?;
        } else {
            let parent = os::pidfd(self.parent)?;
            threads::spawn_own("threadbook-parent-exit", move || {
                let _blocked = Blocked::on(BlockedOn::Idle, false);
                if os::wait_readable(parent.as_fd(), -1) {
                    die();
                }
            })?;
        }
        // The parent may have exited before this request, and its id may have been reused; but then this process has
        // another parent by now.
        if std::os::unix::process::parent_id() != self.parent {
            die();
        }
        Ok(())
    }
}

fn die() -> ! {
    // SAFETY: both calls take integers; SIGKILL to oneself does not return, `_exit` is for the compiler.
    unsafe {
        libc::kill(libc::getpid(), libc::SIGKILL);
        libc::_exit(1)
    }
}
