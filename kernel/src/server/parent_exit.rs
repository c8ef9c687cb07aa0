//! Waits for a reason to exit: a signal, or the end of the program that started the kernel.

use super::engine::Engine;
use super::process_exit::wait_for_exit;
use anyhow::Result;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Jupyter sets this variable to the id of the process that a kernel belongs to.
const PARENT_VAR: &str = "JPY_PARENT_PID";

/// Returns a future that completes when the kernel must exit. From now on SIGINT interrupts the current
/// cell.
pub fn exit_requested(engine: Arc<Engine>) -> Result<Pin<Box<impl Future<Output = ()>>>> {
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

/// Waits until the parent ends. Never returns when there is none to watch.
async fn parent_ends() {
    if std::env::var_os(PARENT_VAR).is_some() {
        wait_for_exit(std::os::unix::process::parent_id()).await;
    } else {
        std::future::pending().await
    }
}
