//! A runtime as the kernel sees it: forwards the output of its cells to clients.

use super::output_batch::{Chunk, OutputBatch};
use super::runtime_connection::Runtime;
use super::shared::{Parent, Shared};
use super::{exploration, rich};
use crate::ipc::{Message, RuntimeReply, RuntimeRequest, Stream, receive_frame, send_frame};
use std::collections::HashMap;
use std::time::Instant;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

/// Serves a runtime's connection until it ends.
pub async fn serve(
    pid: u32,
    mut reader: OwnedReadHalf,
    mut writer: OwnedWriteHalf,
    shared: &Shared,
) {
    let (requests, mut inbox) = mpsc::unbounded_channel();
    let answers = requests.clone();
    shared.runtime_begins(Runtime { pid, requests });
    let (frames, mut replies) = mpsc::channel(64);
    // Read frames in a separate task, because a read that is cancelled halfway would lose its frame.
    tokio::spawn(async move {
        while let Ok(Some(reply)) = receive_frame::<RuntimeReply>(&mut reader).await {
            if frames.send(reply).await.is_err() {
                return;
            }
        }
    });
    let mut waiting = Vec::new();
    let mut cells = Cells::default();
    let mut is_progress_shown = false;
    loop {
        tokio::select! {
            reply = replies.recv() => match reply {
                Some(RuntimeReply::Began { cell }) => cells.begin(cell, shared.parent()),
                Some(RuntimeReply::Output { cell, stream, bytes }) => {
                    if stream == Stream::Stderr {
                        shared.remember_end(&bytes);
                    }
                    cells.write(cell, stream, &bytes, shared);
                }
                Some(RuntimeReply::Rich { cell, message }) => cells.show(cell, message, shared),
                Some(RuntimeReply::Ended { cell }) => cells.end(cell, shared),
                Some(RuntimeReply::InputRequest { cell, prompt, password }) => {
                    let parent = cells.parent(cell);
                    let (stdin, answers) = (shared.stdin.clone(), answers.clone());
                    tokio::spawn(async move {
                        let answer = match parent {
                            Some(parent) => stdin.ask(&parent.message, prompt, password).await,
                            None => None,
                        };
                        let _ = answers.send((RuntimeRequest::Input(answer), None));
                    });
                }
                Some(RuntimeReply::Failed(failure)) => shared.fail(failure),
                Some(RuntimeReply::Watched(watched)) => shared.state().watched = Some(watched),
                Some(RuntimeReply::Exploring { orders, estimate }) => {
                    is_progress_shown = true;
                    let progress = exploration::progress(orders, estimate);
                    shared.show(Stream::Stderr, &format!("\r{progress}"));
                }
                Some(RuntimeReply::Explored(explored)) => {
                    shared.state().explored = Some(explored);
                    if std::mem::take(&mut is_progress_shown) {
                        shared.clear();
                    }
                }
                Some(RuntimeReply::Waiting(threads)) => shared.state().waiting = threads,
                Some(RuntimeReply::Synced) => {
                    cells.flush(shared);
                    // This answers all earlier sync requests too.
                    waiting.clear();
                }
                None => break,
            },
            () = until(cells.deadline()) => cells.poll(shared),
            Some((request, done)) = inbox.recv() => {
                waiting.extend(done);
                if send_frame(&mut writer, &request).await.is_err() {
                    tracing::debug!("runtime {pid} has ended");
                }
            }
        }
    }
    cells.flush(shared);
    shared.runtime_ends(pid);
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// The cells of a runtime whose output has not ended, by the runtime's cell numbers.
#[derive(Default)]
struct Cells(HashMap<u32, Cell>);

struct Cell {
    parent: Parent,
    output: OutputBatch,
}

impl Cells {
    fn begin(&mut self, cell: u32, parent: Option<Parent>) {
        if let Some(parent) = parent {
            let output = OutputBatch::new();
            self.0.insert(cell, Cell { parent, output });
        }
    }

    fn parent(&self, cell: u32) -> Option<Parent> {
        self.0.get(&cell).map(|cell| cell.parent.clone())
    }

    fn write(&mut self, cell: u32, stream: Stream, bytes: &[u8], shared: &Shared) {
        let Some(cell) = self.0.get_mut(&cell) else {
            return;
        };
        let chunks = cell.output.push(stream, bytes, Instant::now());
        cell.send(chunks, shared);
    }

    fn show(&mut self, cell: u32, message: Message, shared: &Shared) {
        let Some(cell) = self.0.get_mut(&cell) else {
            return;
        };
        let before = cell.output.finish();
        cell.send(before, shared);
        shared.send(&cell.parent, rich::content(message));
    }

    fn end(&mut self, cell: u32, shared: &Shared) {
        if let Some(mut cell) = self.0.remove(&cell) {
            let rest = cell.output.finish();
            cell.send(rest, shared);
        }
    }

    /// Returns the earliest time at which pending output is due.
    fn deadline(&self) -> Option<Instant> {
        self.0
            .values()
            .filter_map(|cell| cell.output.deadline())
            .min()
    }

    fn poll(&mut self, shared: &Shared) {
        for cell in self.0.values_mut() {
            let due = cell.output.poll(Instant::now());
            cell.send(due, shared);
        }
    }

    fn flush(&mut self, shared: &Shared) {
        for cell in self.0.values_mut() {
            let all = cell.output.finish();
            cell.send(all, shared);
        }
    }
}

impl Cell {
    fn send(&self, chunks: impl IntoIterator<Item = Chunk>, shared: &Shared) {
        for (stream, text) in chunks {
            shared.send_stream(&self.parent, stream, &text);
        }
    }
}
