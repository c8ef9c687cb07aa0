//! The kernel's connections to its engine and its runtime.

use super::iopub::IoPub;
use super::runtime;
use super::runtime_connection::Runtime;
use super::shared::{EngineLink, Parent, Shared};
use super::stdin::Stdin;
use crate::ipc::{EngineRequest, Failure, Hello, Stream, receive_frame, send_frame};
use anyhow::{Context, Result};
use jupyter_protocol::{ClearOutput, JupyterMessage};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

/// Where the engine and the runtimes connect, and what has come of it.
#[derive(Clone)]
pub struct Connections {
    path: PathBuf,
    shared: Arc<Shared>,
}

impl Connections {
    /// Listens in `folder`, which only the user can enter.
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

    /// The socket's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The connection of the engine that is started next.
    pub fn expect_engine(&self) -> oneshot::Receiver<EngineLink> {
        let (sender, receiver) = oneshot::channel();
        self.shared.state().engine = Some(sender);
        receiver
    }

    /// A new engine takes the cell in hand. What went wrong with the one before it is no concern of that cell: the copy of its
    /// runtime may have been late to tell.
    pub fn engine_begins(&self) {
        self.shared.state().failure = None;
    }

    /// From now on cells that begin belong to `message`.
    pub fn begin(&self, message: Arc<JupyterMessage>, silent: bool) {
        let mut state = self.shared.state();
        state.parent = Some(Parent {
            message,
            silent,
            shown: Arc::default(),
        });
        state.failure = None;
        state.last_error.clear();
    }

    /// Shows text beside the cell's own output.
    pub fn show(&self, stream: Stream, text: String) {
        if let Some(parent) = self.shared.parent() {
            self.shared.tell_stream(&parent, stream, &text);
        }
    }

    /// Takes back all that the cell has shown.
    pub fn clear(&self) {
        if let Some(parent) = self.shared.parent() {
            self.shared.tell(&parent, ClearOutput { wait: false });
        }
    }

    /// Waits for all that the cell has written; why it did not reach its end, if it did not.
    ///
    /// A runtime that has crashed may have written on its own connection what its copy, which
    /// reports the crash, knows nothing of: each of the connections is read to its end.
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
        Some(in_other_words(failure, &state.last_error))
    }

    /// The process group of the runtime.
    pub fn runtime_group(&self) -> Option<u32> {
        self.shared
            .state()
            .runtimes
            .last()
            .map(|runtime| runtime.pid)
    }
}

/// What the standard library says before it aborts tells more than the abort.
fn in_other_words(mut failure: Failure, last_error: &str) -> Failure {
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
        Err(error) => tracing::warn!("a connection that says nothing sensible: {error}"),
    }
}

/// Sends a request to the engine.
pub async fn ask(requests: &mut OwnedWriteHalf, request: &EngineRequest) -> std::io::Result<()> {
    send_frame(requests, request).await
}
