//! Notices that the kernel is to leave: a signal, or the end of the program that started it.

use super::engine::Engine;
use anyhow::Result;
use std::future::Future;
use std::os::fd::{FromRawFd, OwnedFd};
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{SignalKind, signal};

/// Jupyter sets it to the id of the process that a kernel belongs to.
const PARENT_VAR: &str = "JPY_PARENT_PID";

/// Ends when the kernel has to leave. Until then SIGINT interrupts the cell in hand.
pub fn until_told_to_leave(engine: Arc<Engine>) -> Result<Pin<Box<impl Future<Output = ()>>>> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        while interrupted.recv().await.is_some() {
            engine.interrupt().await;
        }
    });
    let mut terminated = signal(SignalKind::terminate())?;
    let mut hung_up = signal(SignalKind::hangup())?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
            () = parent_ends() => {}
        }
    }))
}

/// Ends when the parent does; never when there is none to watch.
async fn parent_ends() {
    if std::env::var_os(PARENT_VAR).is_some() {
        process_ends(std::os::unix::process::parent_id()).await;
    } else {
        std::future::pending().await
    }
}

/// Ends when this process does. Where that cannot be watched it never ends.
pub async fn process_ends(id: u32) {
    match open(id) {
        Some(process) => {
            let _ = process.readable().await;
        }
        None => std::future::pending().await,
    }
}

/// A descriptor that becomes readable when the process ends (pidfd_open(2)).
#[cfg(target_os = "linux")]
fn open(id: u32) -> Option<AsyncFd<OwnedFd>> {
    // SAFETY: a system call without pointers; the new descriptor is ours, and what registers it
    // owns it and closes it last of all.
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
