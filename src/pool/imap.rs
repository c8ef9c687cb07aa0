//! Results one by one, as they arrive.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::mpsc::{Receiver, channel};

use super::error::PoolError;
use super::slots::ActiveCall;
use super::worker::Chunk;
use super::workers::Workers;
use crate::ipc::Item;
use crate::ipc::item::decode;
use crate::process::threads::spawn_own;

/// The results of [`Pool::imap`](super::Pool::imap) or [`Pool::imap_unordered`](super::Pool::imap_unordered): an iterator.
///
/// Each is the value of one task, or its panic; the other tasks go on. When a worker dies, that is the last result.
pub struct Results<R: Item> {
    arriving: Receiver<Result<Chunk, PoolError>>,
    /// Chunks that arrived before their turn.
    early: BTreeMap<usize, Chunk>,
    /// None: any order.
    turn: Option<usize>,
    result: PhantomData<fn() -> R>,
}

impl<R: Item> Results<R> {
    /// A thread receives the results from the workers, so that a slow consumer never blocks them.
    pub(super) fn of(mut workers: Workers, call: ActiveCall, ordered: bool) -> io::Result<Self> {
        let (send, arriving) = channel();
        spawn_own("threadbook-pool", move || {
            while let Some(chunk) = workers.next().transpose() {
                let last = chunk.is_err();
                // The receiver may be gone; the tasks are done all the same.
                let _ = send.send(chunk);
                if last {
                    break;
                }
            }
            drop((workers, call));
        })?;
        Ok(Self {
            arriving,
            turn: ordered.then_some(0),
            ..Self::none()
        })
    }

    pub(super) fn none() -> Self {
        Self {
            arriving: channel().1,
            early: BTreeMap::new(),
            turn: None,
            result: PhantomData,
        }
    }

    fn next_chunk(&mut self) -> Option<Result<Chunk, PoolError>> {
        let Some(turn) = &mut self.turn else {
            return self.arriving.recv().ok();
        };
        loop {
            if let Some(chunk) = self.early.remove(turn) {
                *turn += 1;
                return Some(Ok(chunk));
            }
            match self.arriving.recv().ok()? {
                Ok(chunk) => self.early.insert(chunk.index, chunk),
                Err(error) => return Some(Err(error)),
            };
        }
    }
}

impl<R: Item> Iterator for Results<R> {
    type Item = Result<R, PoolError>;

    fn next(&mut self) -> Option<Self::Item> {
        let value = self
            .next_chunk()?
            .and_then(|chunk| chunk.outcome)
            .and_then(|bytes| decode(&bytes).map_err(|error| PoolError::Result(error.to_string())));
        Some(value)
    }
}

impl<R: Item> fmt::Debug for Results<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<Results of a Pool>")
    }
}
