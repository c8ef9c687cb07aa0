//! What a call does: it starts workers and collects their results.

use std::cell::Cell;
use std::io;
use std::ptr;
use std::sync::Arc;

use super::error::PoolError;
use super::imap::Results;
use super::slots::Slots;
use super::workers::Workers;
use crate::ipc::Item;
use crate::ipc::item::{decode, encode};

/// [`Pool::map`](super::Pool::map), with chunks of `chunksize` items.
pub(super) fn map<T, R, F>(
    slots: &Arc<Slots>,
    f: F,
    items: Vec<T>,
    chunksize: usize,
) -> Result<Vec<R>, PoolError>
where
    R: Item,
    F: Fn(T) -> R,
{
    let _call = slots.begin_call()?;
    map_accepted(slots, f, items, chunksize)
}

/// As [`map`], for a call that was accepted before.
pub(super) fn map_accepted<T, R, F>(
    slots: &Arc<Slots>,
    f: F,
    items: Vec<T>,
    chunksize: usize,
) -> Result<Vec<R>, PoolError>
where
    R: Item,
    F: Fn(T) -> R,
{
    let chunksize = chunksize.max(1);
    let chunks = items.len().div_ceil(chunksize);
    if chunks == 0 {
        return Ok(Vec::new());
    }
    let mut workers = Workers::start(slots, chunks, |chunk, bytes| {
        let first = chunk * chunksize;
        let last = items.len().min(first + chunksize);
        let results: Vec<R> = (first..last)
            // SAFETY: this runs in a worker, a fork of this process. Each chunk is taken once by all workers together,
            // so in this worker's memory each item is read at most once; and the worker never drops `items`, since it
            // exits without leaving this call.
            .map(|i| f(unsafe { ptr::read(&raw const items[i]) }))
            .collect();
        encode(&results, bytes)
    })?;
    let mut results: Vec<Option<Vec<R>>> = Vec::new();
    results.resize_with(chunks, || None);
    let mut first_error: Option<(usize, PoolError)> = None;
    while let Some(chunk) = workers.next()? {
        match chunk.outcome.and_then(|bytes| decode_result(&bytes)) {
            Ok(values) => results[chunk.index] = Some(values),
            Err(error) => {
                if first_error
                    .as_ref()
                    .is_none_or(|(index, _)| chunk.index < *index)
                {
                    first_error = Some((chunk.index, error));
                }
            }
        }
    }
    match first_error {
        Some((_, error)) => Err(error),
        None => Ok(results.into_iter().flatten().flatten().collect()),
    }
}

/// [`Pool::imap`](super::Pool::imap), or with `ordered` false `imap_unordered`.
pub(super) fn imap<I, R, F>(
    slots: &Arc<Slots>,
    f: F,
    items: I,
    ordered: bool,
) -> Result<Results<R>, PoolError>
where
    I: IntoIterator,
    R: Item,
    F: Fn(I::Item) -> R,
{
    let call = slots.begin_call()?;
    let items = Vec::from_iter(items);
    if items.is_empty() {
        return Ok(Results::none());
    }
    let workers = Workers::start(slots, items.len(), |i, bytes| {
        // SAFETY: as in `map`.
        encode(&f(unsafe { ptr::read(&raw const items[i]) }), bytes)
    })?;
    Results::of(workers, call, ordered).map_err(PoolError::Start)
}

/// Runs `f` in one worker.
pub(super) fn run_one<R: Item, F: FnOnce() -> R>(slots: &Arc<Slots>, f: F) -> Result<R, PoolError> {
    let f = Cell::new(Some(f));
    let mut workers = Workers::start(slots, 1, |_, bytes| match f.take() {
        Some(f) => encode(&f(), bytes),
        None => Err(io::Error::other("the task was run twice")),
    })?;
    match workers.next()? {
        Some(chunk) => decode_result(&chunk.outcome?),
        None => Err(PoolError::Result("the worker returned no result".into())),
    }
}

fn decode_result<R: Item>(bytes: &[u8]) -> Result<R, PoolError> {
    decode(bytes).map_err(|error| PoolError::Result(error.to_string()))
}
