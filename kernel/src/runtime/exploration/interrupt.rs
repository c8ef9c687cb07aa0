//! An interrupt of a cell that is explored: SIGINT, which the explorer and its runs block, and which the explorer reads from a descriptor.

use anyhow::{Context, Result};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

/// Blocks SIGINT for the calling thread, and for the processes that it forks, until this is dropped.
pub struct Blocked {
    before: libc::sigset_t,
}

impl Blocked {
    pub fn new() -> Blocked {
        // SAFETY: zeros are a valid set, and pthread_sigmask(3) fills in the one from before.
        unsafe {
            let mut before = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, &sigint(), &mut before);
            Blocked { before }
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: the set is the one that pthread_sigmask(3) has filled in.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut()) };
    }
}

/// Returns a descriptor that becomes readable with an interrupt, which must be blocked. No program that is executed inherits it.
///
/// # Errors
/// When the process has too many descriptors.
pub fn open() -> Result<OwnedFd> {
    // SAFETY: the set is valid, and the new descriptor is ours.
    unsafe {
        let interrupts = libc::signalfd(-1, &sigint(), libc::SFD_CLOEXEC);
        if interrupts < 0 {
            return Err(io::Error::last_os_error()).context("signalfd");
        }
        Ok(OwnedFd::from_raw_fd(interrupts))
    }
}

fn sigint() -> libc::sigset_t {
    // SAFETY: sigemptyset(3) fills in the set; SIGINT is a signal.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGINT);
        set
    }
}
