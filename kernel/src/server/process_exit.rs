//! Waits for a process to end.

use std::os::fd::{FromRawFd, OwnedFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Waits until the process `id` ends. Never returns where that cannot be watched.
pub async fn wait_for_exit(id: u32) {
    match open(id) {
        Some(process) => {
            let _ = process.readable().await;
        }
        None => std::future::pending().await,
    }
}

/// Opens a descriptor that becomes readable when the process ends (pidfd_open(2)).
#[cfg(target_os = "linux")]
fn open(id: u32) -> Option<AsyncFd<OwnedFd>> {
    // SAFETY: the system call takes no pointers. The new descriptor is ours; the `AsyncFd` owns it and
    // closes it only after deregistering it.
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, id, libc::PIDFD_NONBLOCK);
        let fd = (fd >= 0).then(|| OwnedFd::from_raw_fd(fd as libc::c_int))?;
        AsyncFd::register_with_interest(fd, Interest::READABLE).ok()
    }
}

#[cfg(not(target_os = "linux"))]
fn open(_id: u32) -> Option<AsyncFd<OwnedFd>> {
    None
}
