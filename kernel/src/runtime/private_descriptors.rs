//! Descriptors that a cell's processes do not inherit, although they are forked without an exec.

use anyhow::{Context, Result};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Descriptors that a cell's processes must not hold; -1 marks a free slot.
///
/// After a crash evcxr waits for the end of its pipes, and the kernel for the end of its socket. A
/// child that held copies would keep both waiting.
static PRIVATE: [AtomicI32; 1024] = [const { AtomicI32::new(-1) }; 1024];

/// Set while the runtime forks a copy of itself, which needs all of them.
static SPARED: AtomicBool = AtomicBool::new(false);

/// Arranges that each process a cell forks from now on closes the private descriptors.
pub fn close_in_children() -> Result<()> {
    // SAFETY: the handler only reads atomics and calls close(2), which is async-signal-safe, as the
    // child of a process with threads requires.
    let failed = unsafe { libc::pthread_atfork(None, None, Some(close_private)) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed)).context("pthread_atfork");
    }
    Ok(())
}

/// Hides a descriptor from all processes that cells fork, until dropped.
pub struct Private(Option<usize>);

impl Private {
    pub fn register(file: &impl AsRawFd) -> Private {
        let fd = file.as_raw_fd();
        let slot = PRIVATE
            .iter()
            .position(|slot| slot.compare_exchange(-1, fd, SeqCst, SeqCst).is_ok());
        // Without a free slot a child merely keeps a copy.
        Private(slot)
    }

    /// Closes all private descriptors except `kept`, in a copy of the process, which does not have
    /// the threads that own them.
    pub fn close_others(kept: &[RawFd]) {
        for slot in &PRIVATE {
            let fd = slot.load(SeqCst);
            if fd >= 0 && !kept.contains(&fd) {
                slot.store(-1, SeqCst);
                // SAFETY: the owner is on the stack of a thread that this process does not have.
                unsafe { libc::close(fd) };
            }
        }
    }
}

/// Whether a descriptor is private.
pub fn is_private(fd: RawFd) -> bool {
    PRIVATE.iter().any(|slot| slot.load(SeqCst) == fd)
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Some(slot) = self.0 {
            PRIVATE[slot].store(-1, SeqCst);
        }
    }
}

/// Held while the runtime copies itself, and while a private descriptor is closed. Its holder takes no other lock except those
/// of the handlers of pthread_atfork(3), which never take this one.
static COPY: Mutex<()> = Mutex::new(());

/// Prevents the runtime from copying itself until the guard is dropped.
pub fn lock_copying() -> MutexGuard<'static, ()> {
    COPY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `fork`; the child keeps the private descriptors.
pub fn fork_keeping_private(fork: impl FnOnce() -> libc::pid_t) -> libc::pid_t {
    // The child holds it too, and releases it here as the parent does.
    let _copy = lock_copying();
    SPARED.store(true, SeqCst);
    let child = fork();
    SPARED.store(false, SeqCst);
    child
}

extern "C" fn close_private() {
    if SPARED.load(SeqCst) {
        return;
    }
    for slot in &PRIVATE {
        // The child may open others with these numbers, which those that it forks must keep.
        let fd = slot.swap(-1, SeqCst);
        if fd >= 0 {
            // SAFETY: the child has copies of its own, and nothing in it uses these.
            unsafe { libc::close(fd) };
        }
    }
}
