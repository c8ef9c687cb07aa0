//! What a worker does, and the messages that it sends through its pipe.

use std::collections::VecDeque;
use std::io::{self, PipeWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::PoolError;
use crate::future::panic_message;
use crate::ipc::worker_messages::{self, HEADER_LEN, send};

/// The results of a part of the items.
pub(super) struct Chunk {
    pub(super) index: usize,
    /// The serialized results.
    pub(super) outcome: Result<Vec<u8>, PoolError>,
}

const VALUES: u8 = 0;
const PANICKED: u8 = 1;
const FAILED: u8 = 2;
const DONE: u8 = 3;
const INITIALIZER_PANICKED: u8 = 4;

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
    let mut message = vec![0; HEADER_LEN];
    if let Some(initializer) = initializer
        && let Err(payload) = catch_unwind(AssertUnwindSafe(initializer))
    {
        message.extend_from_slice(panic_message(payload).as_bytes());
        // If the pool is gone, no one wants to know.
        let _ = send(results, INITIALIZER_PANICKED, 0, &mut message);
        return;
    }
    for index in indices {
        message.clear();
        message.resize(HEADER_LEN, 0);
        let kind = match catch_unwind(AssertUnwindSafe(|| work(index, &mut message))) {
            Ok(Ok(())) => VALUES,
            Ok(Err(error)) => {
                message.truncate(HEADER_LEN);
                message.extend_from_slice(error.to_string().as_bytes());
                FAILED
            }
            Err(payload) => {
                message.truncate(HEADER_LEN);
                message.extend_from_slice(panic_message(payload).as_bytes());
                PANICKED
            }
        };
        if send(results, kind, index as u64, &mut message).is_err() {
            // The pool is gone.
            return;
        }
    }
}

/// Says that all chunks are done that this worker has taken.
pub(super) fn say_done(results: &PipeWriter) {
    // If the pool is gone, no one wants to know.
    let _ = send(results, DONE, 0, &mut [0; HEADER_LEN]);
}

/// Removes the complete messages from `buffer`. Returns whether the worker says that it is done.
pub(super) fn take_messages(buffer: &mut Vec<u8>, chunks: &mut VecDeque<Chunk>) -> bool {
    let mut done = false;
    worker_messages::take(buffer, |kind, index, bytes| {
        let text = || String::from_utf8_lossy(bytes).into_owned();
        let outcome = match kind {
            VALUES => Ok(bytes.to_vec()),
            PANICKED => Err(PoolError::Panicked(text())),
            FAILED => Err(PoolError::Result(text())),
            INITIALIZER_PANICKED => Err(PoolError::Initializer(text())),
            _ => {
                done = true;
                return;
            }
        };
        let index = index as usize;
        chunks.push_back(Chunk { index, outcome });
    });
    done
}
