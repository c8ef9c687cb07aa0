//! Ends a child when its parent ends, so that none outlives a notebook and holds its output open.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::thread;

use crate::os;

/// Made in the parent before the fork, attached in the child.
pub(super) struct Lifeline {
    parent: u32,
    /// The parent as a descriptor, when it does not fork on its main thread. None: the kernel is asked for a signal. It sends it at
    /// the end of the forking thread, which only for a main thread is the end of the process.
    watched: Option<OwnedFd>,
}

impl Lifeline {
    pub(super) fn to_this_process() -> io::Result<Self> {
        let parent = std::process::id();
        let watched = match os::on_main_thread() {
            true => None,
            false => Some(os::pidfd(parent)?),
        };
        Ok(Self { parent, watched })
    }

    /// From here on the child is killed when the parent ends.
    pub(super) fn attach(self) -> io::Result<()> {
        match self.watched {
            None => os::kill_me_when_parent_thread_ends()?,
            Some(parent) => {
                thread::Builder::new()
                    .name("lifeline".into())
                    .stack_size(64 * 1024)
                    .spawn(move || {
                        if os::wait_readable(parent.as_fd(), -1) {
                            die();
                        }
                    })?;
            }
        }
        // The parent may have ended before the request; then this process has another parent by now.
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
