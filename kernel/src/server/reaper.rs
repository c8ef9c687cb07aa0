//! Processes whose parents have ended: the copy of the runtime that has taken its place, and what
//! cells have left running. They become children of the kernel, which waits for them and, at its
//! own end, ends them.

use super::engine::Engine;
use anyhow::{Context, Result};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long children may take to end at the kernel's end.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Makes the kernel the parent of orphans among its descendants (prctl(2)).
#[cfg(target_os = "linux")]
pub fn adopt() -> Result<()> {
    // SAFETY: a system call without pointers.
    if unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) } != 0 {
        return Err(io::Error::last_os_error()).context("prctl");
    }
    Ok(())
}

/// Elsewhere orphans go to the system's first process.
#[cfg(not(target_os = "linux"))]
pub fn adopt() -> Result<()> {
    Ok(())
}

/// Waits for adopted children from now on.
///
/// The runtime in use is left alone until another has taken its place, which looks up how it
/// ended; the engine and the completion process have owners of their own.
pub fn keep_reaping(engine: Arc<Engine>) -> Result<()> {
    let mut ended = signal(SignalKind::child())?;
    tokio::spawn(async move {
        while ended.recv().await.is_some() {
            let spared = [
                engine.id(),
                engine.links().runtime_group(),
                engine.completion().id(),
            ];
            for child in children() {
                if !spared.contains(&Some(child)) {
                    reap(child);
                }
            }
        }
    });
    Ok(())
}

/// Ends and waits for all children that are left.
pub async fn end_all() {
    let Ok(mut ended) = signal(SignalKind::child()) else {
        return;
    };
    let all = async {
        loop {
            let left = children();
            if left.is_empty() {
                return;
            }
            for child in left {
                // SAFETY: kill(2) has no memory effects, and a child that has not been waited for
                // keeps its id.
                unsafe { libc::kill(child as libc::pid_t, libc::SIGKILL) };
                reap(child);
            }
            next_end(&mut ended).await;
        }
    };
    if tokio::time::timeout(EXIT_TIMEOUT, all).await.is_err() {
        tracing::warn!("some processes do not end");
    }
}

/// Waits for the end of a child. One may have ended before we began to listen, so it is not
/// waited for long.
async fn next_end(ended: &mut Signal) {
    let _ = tokio::time::timeout(Duration::from_millis(10), ended.recv()).await;
}

fn reap(child: u32) {
    // SAFETY: waitpid(2) without a place for the status; it does not block.
    unsafe { libc::waitpid(child as libc::pid_t, std::ptr::null_mut(), libc::WNOHANG) };
}

/// The children of this process (proc(5)).
fn children() -> Vec<u32> {
    let id = std::process::id();
    let listed = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    listed
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect()
}
