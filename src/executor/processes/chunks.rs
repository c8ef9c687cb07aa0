//! The results of `map` in chunks.

use std::fmt;
use std::iter::FusedIterator;
use std::time::Duration;
use std::vec;

use crate::executor::Map;
use crate::future::FutureError;

/// The results of [`map_chunks`](super::ProcessPoolExecutor::map_chunks), in the order of the items.
///
/// If a task of a chunk panics, that is the one result of the chunk.
pub struct ChunkedMap<R> {
    chunks: Map<'static, Vec<R>>,
    chunk: vec::IntoIter<R>,
}

impl<R> ChunkedMap<R> {
    pub(super) fn new(chunks: Map<'static, Vec<R>>) -> Self {
        Self {
            chunks,
            chunk: Vec::new().into_iter(),
        }
    }

    /// See [`Map::timeout`].
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.chunks = self.chunks.timeout(limit);
        self
    }
}

impl<R> Iterator for ChunkedMap<R> {
    type Item = Result<R, FutureError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(value) = self.chunk.next() {
                return Some(Ok(value));
            }
            match self.chunks.next()? {
                Ok(chunk) => self.chunk = chunk.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<R> FusedIterator for ChunkedMap<R> {}

impl<R> fmt::Debug for ChunkedMap<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chunks.fmt(f)
    }
}
