//! Reaps processes whose parents have ended: a copy of the runtime that has taken over, and processes
//! that cells left running. They become children of the kernel, which reaps them and kills those
//! still running when it exits.

use super::engine::Engine;
use anyhow::{Context, Result};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long children may take to end when the kernel exits.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Makes the kernel the parent of orphaned descendants (prctl(2)).
#[cfg(target_os = "linux")]
pub fn become_subreaper() -> Result<()> {
    // SAFETY: the system call takes no pointers.
    if unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) } != 0 {
        return Err(io::Error::last_os_error()).context("prctl");
    }
    Ok(())
}

/// Does nothing: elsewhere orphans become children of the system's first process.
#[cfg(not(target_os = "linux"))]
pub fn become_subreaper() -> Result<()> {
    Ok(())
}

/// Starts to reap adopted children.
///
/// Spares the current runtime until its successor, which looks up how it ended, has taken over. Spares
/// the engine and the completion process too: others reap them.
pub fn keep_reaping(engine: Arc<Engine>) -> Result<()> {
    let mut ended = signal(SignalKind::child())?;
    tokio::spawn(async move {
        while ended.recv().await.is_some() {
            let spared = [
                engine.id(),
                engine.connections().runtime_group(),
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

/// Kills and reaps all remaining children. Those that remove the shared memory of a notebook may end by themselves, which
/// they do when the others have ended.
pub async fn kill_all() {
    let Ok(mut ended) = signal(SignalKind::child()) else {
        return;
    };
    let all = async {
        loop {
            let remaining = children();
            if remaining.is_empty() {
                return;
            }
            for child in remaining {
                if is_tracker(child) {
                    reap(child);
                    continue;
                }
                // SAFETY: kill(2) has no memory effects, and an unreaped child keeps its id.
                unsafe { libc::kill(child as libc::pid_t, libc::SIGKILL) };
                reap(child);
            }
            wait_briefly(&mut ended).await;
        }
    };
    if tokio::time::timeout(EXIT_TIMEOUT, all).await.is_err() {
        tracing::warn!("some child processes did not end within {EXIT_TIMEOUT:?}");
        for child in children() {
            // SAFETY: as above.
            unsafe { libc::kill(child as libc::pid_t, libc::SIGKILL) };
        }
    }
}

/// Waits for a child to end, but not long, because it may have ended before the signal was watched.
async fn wait_briefly(ended: &mut Signal) {
    let _ = tokio::time::timeout(Duration::from_millis(10), ended.recv()).await;
}

fn reap(child: u32) {
    // SAFETY: waitpid(2) accepts null for the status, and does not block.
    unsafe { libc::waitpid(child as libc::pid_t, std::ptr::null_mut(), libc::WNOHANG) };
}

/// Returns whether a process is a tracker of the helper crate, by its first argument (`src/shared_memory/tracker.rs`).
fn is_tracker(process: u32) -> bool {
    let arguments = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    arguments.starts_with(b"threadbook-shared-memory-tracker\0")
}

/// Lists the children of this process (proc(5)).
fn children() -> Vec<u32> {
    let id = std::process::id();
    let listed = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    listed
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect()
}
