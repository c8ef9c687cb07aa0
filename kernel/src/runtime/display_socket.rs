//! The socket that carries rich output from the cells' processes to the runtime.
//!
//! It preserves record boundaries (unix(7), `SOCK_SEQPACKET`), so all processes can write to it.

use anyhow::{Context, Result};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::AtomicI32;
use std::sync::atomic::Ordering::{Acquire, Release};

/// The writing end, for this process and those it forks; -1 before [`open`].
static SOCKET: AtomicI32 = AtomicI32::new(-1);

/// Opens the socket and returns its reading end.
pub fn open() -> Result<OwnedFd> {
    let mut ends = [0; 2];
    // SAFETY: socketpair(2) fills the array.
    let failed = unsafe {
        libc::socketpair(
            libc::AF_UNIX,
            libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC,
            0,
            ends.as_mut_ptr(),
        )
    };
    if failed != 0 {
        return Err(io::Error::last_os_error()).context("socketpair");
    }
    SOCKET.store(ends[1], Release);
    // SAFETY: the descriptor is new, and ours.
    Ok(unsafe { OwnedFd::from_raw_fd(ends[0]) })
}

/// Returns the writing end.
pub fn socket() -> RawFd {
    SOCKET.load(Acquire)
}
