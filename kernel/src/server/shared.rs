//! The state that the connections to the engine and the runtimes share.

use super::iopub::IoPub;
use super::runtime_connection::Runtime;
use super::stdin::Stdin;
use super::stream_display::StreamDisplay;
use crate::ipc::{EngineReply, Explored, Failure, Stream, WaitingThread, Watched};
use jupyter_protocol::{ClearOutput, JupyterMessage, JupyterMessageContent};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{mpsc, oneshot};

/// Shared by all connections.
pub struct Shared {
    pub stdin: Stdin,
    pub iopub: IoPub,
    pub state: Mutex<State>,
}

#[derive(Default)]
pub struct State {
    /// Receives the next engine's connection.
    pub engine: Option<oneshot::Sender<EngineLink>>,
    /// The connected runtimes. Cells run in the last one; the others are ending.
    pub runtimes: Vec<Runtime>,
    /// The request whose cell is running or ran last.
    pub parent: Option<Parent>,
    /// Why the cell's code did not finish.
    pub failure: Option<Failure>,
    /// What the threads of the cell waited for when it was interrupted.
    pub waiting: Vec<WaitingThread>,
    /// What the threads of a watched cell did.
    pub watched: Option<Watched>,
    /// What the cell showed in many orders of its threads' steps.
    pub explored: Option<Explored>,
    /// The last line written to stderr, including its newline.
    pub last_error: String,
}

/// The request that a cell's output belongs to.
#[derive(Clone)]
pub struct Parent {
    pub message: Arc<JupyterMessage>,
    /// Whether to suppress the output.
    pub silent: bool,
    /// Locked while messages are sent to front ends, so that they keep their order. No other lock is taken under it.
    pub shown: Arc<Mutex<StreamDisplay>>,
}

impl Parent {
    pub fn shown(&self) -> MutexGuard<'_, StreamDisplay> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection to an engine.
pub struct EngineLink {
    pub requests: OwnedWriteHalf,
    pub replies: mpsc::UnboundedReceiver<EngineReply>,
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn runtime_begins(&self, runtime: Runtime) {
        self.state().runtimes.push(runtime);
    }

    pub fn runtime_ends(&self, pid: u32) {
        self.state().runtimes.retain(|runtime| runtime.pid != pid);
    }

    /// Returns the request whose cell is running or ran last.
    pub fn parent(&self) -> Option<Parent> {
        self.state().parent.clone()
    }

    pub fn fail(&self, failure: Failure) {
        self.state().failure = Some(failure);
    }

    /// Keeps the last line of stderr, which arrives in pieces.
    pub fn remember_end(&self, piece: &[u8]) {
        let last = &mut self.state().last_error;
        last.push_str(&String::from_utf8_lossy(piece));
        if let Some(before) = last.trim_end_matches('\n').rfind('\n') {
            last.drain(..=before);
        }
    }

    /// Sends a message that belongs to `parent` to all clients.
    pub fn send(&self, parent: &Parent, content: impl Into<JupyterMessageContent>) {
        if !parent.silent {
            let content = content.into();
            let mut shown = parent.shown();
            shown.add(&content);
            self.iopub.send(&parent.message, content);
        }
    }

    /// Shows text in addition to the cell's own output.
    pub fn show(&self, stream: Stream, text: &str) {
        if let Some(parent) = self.parent() {
            self.send_stream(&parent, stream, text);
        }
    }

    /// Clears all output of the cell.
    pub fn clear(&self) {
        if let Some(parent) = self.parent() {
            self.send(&parent, ClearOutput { wait: false });
        }
    }

    pub fn send_stream(&self, parent: &Parent, stream: Stream, text: &str) {
        if !parent.silent {
            let mut shown = parent.shown();
            for content in shown.write(stream, text) {
                self.iopub.send(&parent.message, content);
            }
        }
    }
}
