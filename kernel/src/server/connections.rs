//! The kernel's connections to its engine and its runtimes.

use super::iopub::IoPub;
use super::runtime;
use super::runtime_connection::Runtime;
use super::shared::{EngineLink, Parent, Shared};
use super::stdin::Stdin;
use crate::ipc::{
    EngineRequest, Explored, Failure, Hello, Stream, WaitingThread, Watched, receive_frame,
    send_frame,
};
use anyhow::{Context, Result};
use jupyter_protocol::media::Media;
use jupyter_protocol::{DisplayData, JupyterMessage};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

/// How long a runtime may take to tell what the threads of its cell wait for.
const WAITING_TIMEOUT: Duration = Duration::from_millis(300);

/// The socket to which the engine and the runtimes connect, and the state of the connections.
#[derive(Clone)]
pub struct Connections {
    path: PathBuf,
    shared: Arc<Shared>,
}

impl Connections {
    /// Listens on a socket in `folder`, which only the user can enter.
    pub fn listen(folder: &Path, iopub: IoPub, stdin: Stdin) -> Result<Connections> {
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).context("cannot listen for the engine")?;
        let shared = Arc::new(Shared {
            stdin,
            iopub,
            state: Mutex::default(),
        });
        tokio::spawn(accept(listener, shared.clone()));
        Ok(Connections { path, shared })
    }

    /// Returns the socket's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a receiver for the connection of the engine that starts next.
    pub fn expect_engine(&self) -> oneshot::Receiver<EngineLink> {
        let (sender, receiver) = oneshot::channel();
        self.shared.state().engine = Some(sender);
        receiver
    }

    /// Discards the failure of the previous engine's runtime, whose copy may have reported it late: a new engine takes the
    /// current cell.
    pub fn engine_begins(&self) {
        self.shared.state().failure = None;
    }

    /// Makes `message` the request to which cells that begin from now on belong.
    pub fn begin(&self, message: Arc<JupyterMessage>, silent: bool) {
        let mut state = self.shared.state();
        state.parent = Some(Parent {
            message,
            silent,
            shown: Arc::default(),
        });
        state.failure = None;
        state.waiting.clear();
        state.watched = None;
        state.explored = None;
        state.last_error.clear();
    }

    /// Shows text in addition to the cell's own output.
    pub fn show(&self, stream: Stream, text: String) {
        self.shared.show(stream, &text);
    }

    /// Clears all output of the cell.
    pub fn clear(&self) {
        self.shared.clear();
    }

    /// Waits for everything the cell has written. Returns the failure if the cell did not finish.
    ///
    /// Synchronises with every connected runtime: one that crashed may have sent output on its own
    /// connection that its copy, which reports the crash, does not know of.
    pub async fn finish(&self) -> Option<Failure> {
        let syncs: Vec<_> = self
            .shared
            .state()
            .runtimes
            .iter()
            .filter_map(Runtime::ask_to_sync)
            .collect();
        for synced in syncs {
            let _ = synced.await;
        }
        if let Some(parent) = self.shared.parent() {
            parent.shown().end();
        }
        let mut state = self.shared.state();
        let failure = state.failure.take()?;
        Some(explain_abort(failure, &state.last_error))
    }

    /// Asks the current runtime what the threads of its cell wait for, before they are ended. A runtime that does not answer soon is
    /// not waited for.
    pub async fn ask_waiting(&self) {
        let answered = self
            .shared
            .state()
            .runtimes
            .last()
            .and_then(Runtime::ask_waiting);
        if let Some(answered) = answered {
            let _ = tokio::time::timeout(WAITING_TIMEOUT, answered).await;
        }
    }

    /// Takes what the threads of the cell waited for when it was interrupted.
    pub fn take_waiting(&self) -> Vec<WaitingThread> {
        std::mem::take(&mut self.shared.state().waiting)
    }

    /// Takes what the threads of a watched cell did.
    pub fn take_watched(&self) -> Option<Watched> {
        self.shared.state().watched.take()
    }

    /// Takes what the cell showed in many orders of its threads' steps.
    pub fn take_explored(&self) -> Option<Explored> {
        self.shared.state().explored.take()
    }

    /// Shows what the threads of the cell did below it. `check` leaves that out of its comparisons by the metadata.
    pub fn display_timeline(&self, data: Media) {
        self.display(data, json!({ "timeline": true }));
    }

    /// Likewise, what it showed in many orders, which the metadata tells programs.
    pub fn display_explored(&self, data: Media, summary: Value) {
        self.display(data, json!({ "timeline": true, "explored": summary }));
    }

    fn display(&self, data: Media, metadata: Value) {
        if let Some(parent) = self.shared.parent() {
            let metadata = [("threadbook".to_owned(), metadata)];
            self.shared.send(
                &parent,
                DisplayData {
                    data,
                    metadata: metadata.into_iter().collect(),
                    ..DisplayData::default()
                },
            );
        }
    }

    /// Returns the process group of the current runtime.
    pub fn runtime_group(&self) -> Option<u32> {
        self.shared
            .state()
            .runtimes
            .last()
            .map(|runtime| runtime.pid)
    }
}

/// Replaces an abort by the stack overflow that the standard library reports before it aborts.
fn explain_abort(mut failure: Failure, last_error: &str) -> Failure {
    if last_error.contains("stack overflow") {
        failure.message = failure
            .message
            .replace("this cell aborted", "stack overflow in this cell");
    }
    failure
}

async fn accept(listener: UnixListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(welcome(stream, shared.clone()));
            }
            Err(error) => {
                tracing::error!("cannot accept a connection: {error}");
                return;
            }
        }
    }
}

async fn welcome(stream: UnixStream, shared: Arc<Shared>) {
    let (mut reader, writer) = stream.into_split();
    match receive_frame(&mut reader).await {
        Ok(Some(Hello::Engine)) => {
            let (sender, replies) = mpsc::unbounded_channel();
            let waiting = shared.state().engine.take();
            if let Some(waiting) = waiting {
                let _ = waiting.send(EngineLink {
                    requests: writer,
                    replies,
                });
                while let Ok(Some(reply)) = receive_frame(&mut reader).await {
                    let _ = sender.send(reply);
                }
            }
        }
        Ok(Some(Hello::Runtime { pid })) => runtime::serve(pid, reader, writer, &shared).await,
        Ok(None) => {}
        Err(error) => tracing::warn!("invalid greeting on a connection: {error}"),
    }
}

/// Sends a request to the engine.
pub async fn ask(requests: &mut OwnedWriteHalf, request: &EngineRequest) -> std::io::Result<()> {
    send_frame(requests, request).await
}
