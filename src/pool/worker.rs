//! What a worker does, and the messages that it sends through its pipe.

use std::io::{self, PipeWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::PoolError;
use crate::future::panic_message;
use crate::ipc::worker_messages::{FAILED, FIRST_OTHER, PANICKED, VALUE, add, add_outcome, send};

/// The results of a part of the items.
pub(super) struct Chunk {
    pub(super) index: usize,
    /// The serialized results.
    pub(super) outcome: Result<Vec<u8>, PoolError>,
}

const DONE: u8 = FIRST_OTHER;
const INITIALIZER_PANICKED: u8 = FIRST_OTHER + 1;

/// The chunks of one worker: its first, and from then on the next one that no worker has.
///
/// The first chunks are assigned beforehand, so that every worker has one. Otherwise one worker could be done with all
/// of a few short tasks while the others are being forked.
pub(super) struct ChunkIndices<'a> {
    pub(super) first: Option<usize>,
    pub(super) chunks: usize,
    pub(super) next: &'a AtomicUsize,
}

impl ChunkIndices<'_> {
    /// Returns whether no chunk is left.
    pub(super) fn are_used_up(&self) -> bool {
        self.first.is_none() && self.next.load(Ordering::Relaxed) >= self.chunks
    }
}

impl Iterator for ChunkIndices<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let next = || self.next.fetch_add(1, Ordering::Relaxed);
        let index = self.first.take().unwrap_or_else(next);
        (index < self.chunks).then_some(index)
    }
}

/// The work of a worker: the chunks of these indices.
pub(super) fn run_worker(
    indices: impl Iterator<Item = usize>,
    initializer: Option<&(dyn Fn() + Send + Sync)>,
    work: &impl Fn(usize, &mut Vec<u8>) -> io::Result<()>,
    results: &PipeWriter,
) {
    if let Some(initializer) = initializer
        && let Err(payload) = catch_unwind(AssertUnwindSafe(initializer))
    {
        return say(results, INITIALIZER_PANICKED, &panic_message(payload));
    }
    let mut messages = Vec::new();
    for index in indices {
        add_outcome(&mut messages, index as u64, |bytes| work(index, bytes));
        if send(results, &mut messages).is_err() {
            // The pool is gone.
            return;
        }
    }
}

/// Says that all chunks are done that this worker has taken.
pub(super) fn say_done(results: &PipeWriter) {
    say(results, DONE, "");
}

fn say(results: &PipeWriter, kind: u8, text: &str) {
    let mut message = Vec::new();
    add(&mut message, kind, 0, text.as_bytes());
    // If the pool is gone, no one wants to know.
    let _ = send(results, &mut message);
}

/// Returns what a message says: a chunk, or None if the worker is done.
pub(super) fn read_message(kind: u8, index: u64, bytes: &[u8]) -> Option<Chunk> {
    let text = || String::from_utf8_lossy(bytes).into_owned();
    let outcome = match kind {
        VALUE => Ok(bytes.to_vec()),
        PANICKED => Err(PoolError::Panicked(text())),
        FAILED => Err(PoolError::Result(text())),
        INITIALIZER_PANICKED => Err(PoolError::Initializer(text())),
        _ => return None,
    };
    let index = index as usize;
    Some(Chunk { index, outcome })
}
