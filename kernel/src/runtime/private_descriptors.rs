//! Descriptors that the processes of a cell do not inherit, though those processes are forked without an exec.

use anyhow::{Context, Result};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Descriptors that the processes of a cell must not hold; -1 where there is none.
///
/// evcxr waits for the end of its pipes after a crash, and the kernel for the end of its socket:
/// a child that held a copy would keep both waiting.
static PRIVATE: [AtomicI32; 1024] = [const { AtomicI32::new(-1) }; 1024];

/// Set while the runtime forks a copy of itself, which needs them all.
static SPARED: AtomicBool = AtomicBool::new(false);

/// Closes the private descriptors in each process that a cell forks from now on.
pub fn close_in_children() -> Result<()> {
    // SAFETY: the handler only reads atomics and calls close(2), which is async-signal-safe, as
    // is demanded of a child of a process with threads.
    let failed = unsafe { libc::pthread_atfork(None, None, Some(close_private)) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed)).context("pthread_atfork");
    }
    Ok(())
}

/// Keeps a descriptor from all processes that cells fork, until dropped.
pub struct Private(Option<usize>);

impl Private {
    pub fn keep(file: &impl AsRawFd) -> Private {
        let fd = file.as_raw_fd();
        let place = PRIVATE
            .iter()
            .position(|place| place.compare_exchange(-1, fd, SeqCst, SeqCst).is_ok());
        // Without a place a child merely keeps a copy.
        Private(place)
    }

    /// Closes all private descriptors but these, in a copy of the process that does not have the
    /// threads that own them.
    pub fn close_others(kept: &[RawFd]) {
        for place in &PRIVATE {
            let fd = place.load(SeqCst);
            if fd >= 0 && !kept.contains(&fd) {
                place.store(-1, SeqCst);
                // SAFETY: the owner is on the stack of a thread that this process does not have.
                unsafe { libc::close(fd) };
            }
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            PRIVATE[place].store(-1, SeqCst);
        }
    }
}

/// Held while the runtime copies itself, and while a private descriptor is closed. No other lock is taken by who holds it,
/// but those of the handlers of pthread_atfork(3), which take this one never.
static COPY: Mutex<()> = Mutex::new(());

/// Keeps the runtime from copying itself.
pub fn no_copy() -> MutexGuard<'static, ()> {
    COPY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `fork` so that the child keeps the private descriptors.
pub fn sparing_private_files(fork: impl FnOnce() -> libc::pid_t) -> libc::pid_t {
    // The child has it too, and lets go of it here as the parent does.
    let _copy = no_copy();
    SPARED.store(true, SeqCst);
    let child = fork();
    SPARED.store(false, SeqCst);
    child
}

extern "C" fn close_private() {
    if SPARED.load(SeqCst) {
        return;
    }
    for place in &PRIVATE {
        let fd = place.load(SeqCst);
        if fd >= 0 {
            // SAFETY: the child has copies of its own, and nothing in it uses these.
            unsafe { libc::close(fd) };
        }
    }
}
