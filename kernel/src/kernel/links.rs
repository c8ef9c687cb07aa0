//! The kernel's connections to its engine and its runtime.

use super::coalesce::{Chunk, Coalescer};
use super::iopub::IoPub;
use crate::ipc::{
    EngineReply, EngineRequest, Failure, Hello, RuntimeReply, RuntimeRequest, Stream,
    receive_frame, send_frame,
};
use anyhow::{Context, Result};
use jupyter_protocol::{ClearOutput, JupyterMessage, StreamContent};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

/// Where the engine and the runtimes connect, and what has come of it.
#[derive(Clone)]
pub struct Links {
    path: PathBuf,
    shared: Arc<Shared>,
}

struct Shared {
    iopub: IoPub,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where the next engine's connection goes.
    engine: Option<oneshot::Sender<EngineLink>>,
    /// The runtimes that are connected. Cells run in the last one; the others are ending.
    runtimes: Vec<Runtime>,
    /// The request whose cell runs, or ran last: output belongs to it.
    cell: Option<Arc<JupyterMessage>>,
    /// Whether the cell's output is to be shown.
    silent: bool,
    /// Why the cell's code did not reach its end.
    failure: Option<Failure>,
}

struct Runtime {
    pid: u32,
    requests: mpsc::UnboundedSender<(RuntimeRequest, oneshot::Sender<()>)>,
}

/// A connection to an engine.
pub struct EngineLink {
    pub requests: OwnedWriteHalf,
    pub replies: mpsc::UnboundedReceiver<EngineReply>,
}

impl Links {
    /// Listens in `folder`, which only the user can enter.
    pub fn listen(folder: &Path, iopub: IoPub) -> Result<Links> {
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).context("cannot listen for the engine")?;
        let shared = Arc::new(Shared {
            iopub,
            state: Mutex::default(),
        });
        tokio::spawn(accept(listener, shared.clone()));
        Ok(Links { path, shared })
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

    /// From now on output belongs to `cell`.
    pub fn begin(&self, cell: Arc<JupyterMessage>, silent: bool) {
        let mut state = self.shared.state();
        state.cell = Some(cell);
        state.silent = silent;
        state.failure = None;
    }

    /// Shows text beside the cell's own output.
    pub fn show(&self, stream: Stream, text: String) {
        self.shared.show(stream, text);
    }

    /// Takes back all that the cell has shown.
    pub fn clear(&self) {
        let state = self.shared.state();
        if let Some(cell) = state.cell.as_ref().filter(|_| !state.silent) {
            self.shared.iopub.send(cell, ClearOutput { wait: false });
        }
    }

    /// Waits for all that the cell has written; why it did not reach its end, if it did not.
    pub async fn finish(&self) -> Option<Failure> {
        if let Some(synced) = self.shared.ask_to_sync() {
            // The answer comes as the end of the channel, as does the end of the runtime: in
            // both cases all that was written has been read.
            let _ = synced.await;
        }
        self.shared.state().failure.take()
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

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Asks the runtime, if there is one, for all that was written.
    fn ask_to_sync(&self) -> Option<oneshot::Receiver<()>> {
        let (done, synced) = oneshot::channel();
        self.state()
            .runtimes
            .last()?
            .requests
            .send((RuntimeRequest::Sync, done))
            .ok()?;
        Some(synced)
    }

    fn fail(&self, failure: Failure) {
        self.state().failure = Some(failure);
    }

    fn show_all(&self, chunks: Vec<Chunk>) {
        for (stream, text) in chunks {
            self.show(stream, text);
        }
    }

    fn show(&self, stream: Stream, text: String) {
        let state = self.state();
        let Some(cell) = state.cell.as_ref().filter(|_| !state.silent) else {
            return;
        };
        let content = match stream {
            Stream::Stdout => StreamContent::stdout(&text),
            Stream::Stderr => StreamContent::stderr(&text),
        };
        self.iopub.send(cell, content);
    }
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
        Ok(Some(Hello::Runtime { pid })) => serve_runtime(pid, reader, writer, &shared).await,
        Ok(None) => {}
        Err(error) => tracing::warn!("a connection that says nothing sensible: {error}"),
    }
}

/// Takes what a runtime writes until it ends.
async fn serve_runtime(
    pid: u32,
    mut reader: OwnedReadHalf,
    mut writer: OwnedWriteHalf,
    shared: &Shared,
) {
    let (requests, mut inbox) = mpsc::unbounded_channel();
    shared.state().runtimes.push(Runtime { pid, requests });
    let (frames, mut replies) = mpsc::channel(64);
    // Reading a frame in a task of its own, since a half-read frame must not be given up.
    tokio::spawn(async move {
        while let Ok(Some(reply)) = receive_frame::<RuntimeReply>(&mut reader).await {
            if frames.send(reply).await.is_err() {
                return;
            }
        }
    });
    let mut waiting = Vec::new();
    let mut output = Coalescer::new();
    let mut last_error = String::new();
    loop {
        let deadline = output.deadline();
        let mut chunks = Vec::new();
        tokio::select! {
            reply = replies.recv() => match reply {
                Some(RuntimeReply::Output(stream, bytes)) => {
                    if stream == Stream::Stderr {
                        remember_end(&mut last_error, &bytes);
                    }
                    chunks = output.push(stream, &bytes, Instant::now());
                }
                Some(RuntimeReply::LeftByError) => shared.fail(left_by_error(&last_error)),
                Some(RuntimeReply::Failed(failure)) => shared.fail(failure),
                Some(RuntimeReply::Synced) => {
                    shared.show_all(output.finish());
                    // All that were asked before this one have been answered too.
                    waiting.clear();
                }
                None => break,
            },
            () = until(deadline) => chunks.extend(output.poll(Instant::now())),
            Some((request, done)) = inbox.recv() => {
                waiting.push(done);
                if send_frame(&mut writer, &request).await.is_err() {
                    tracing::debug!("runtime {pid} has ended");
                }
            }
        }
        shared.show_all(chunks);
    }
    shared.show_all(output.finish());
    shared.state().runtimes.retain(|runtime| runtime.pid != pid);
}

/// Keeps the last line of a text that comes in pieces, its newline included.
fn remember_end(last: &mut String, piece: &[u8]) {
    last.push_str(&String::from_utf8_lossy(piece));
    if let Some(before) = last.trim_end_matches('\n').rfind('\n') {
        last.drain(..=before);
    }
}

/// The failure of a cell that an error has left by `?`, after it was written to stderr.
fn left_by_error(last_error: &str) -> Failure {
    Failure {
        ename: "Error".to_owned(),
        message: last_error.trim_end_matches('\n').to_owned(),
        position: None,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Sends a request to the engine.
pub async fn ask(requests: &mut OwnedWriteHalf, request: &EngineRequest) -> std::io::Result<()> {
    send_frame(requests, request).await
}
