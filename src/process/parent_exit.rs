//! Ends a child when its parent ends, so that none outlives a notebook and holds its output open.

use std::io;
use std::os::fd::AsFd;

use super::threads;
use crate::os;

/// Made in the parent before the fork, attached in the child.
#[derive(Clone, Copy)]
pub(super) struct ExitWithParent {
    parent: u32,
    /// The system can send a signal at the end of the forking thread, which only for a main thread is the end of the process.
    by_signal: bool,
}

impl ExitWithParent {
    pub(super) fn new() -> Self {
        Self {
            parent: std::process::id(),
            by_signal: os::HAS_DEATH_SIGNAL && os::on_main_thread(),
        }
    }

    /// From here on the child is killed when the parent ends.
    pub(super) fn arm(self) -> io::Result<()> {
        if self.by_signal {
            os::kill_me_when_parent_thread_ends()?;
        } else {
            let parent = os::pidfd(self.parent)?;
            threads::spawn_own("threadbook-parent-exit", move || {
                if os::wait_readable(parent.as_fd(), -1) {
                    die();
                }
            })?;
        }
        // The parent may have ended before the request, and its id may be another's; then this process has another parent by now.
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
