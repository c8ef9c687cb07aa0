//! What a worker and the dispatcher say to each other.

use crate::future::{FutureError, TaskPanicked};
use crate::ipc::worker_messages::{FAILED, FIRST_OTHER, PANICKED, VALUE};

/// What a worker says.
pub(super) enum Message<'a> {
    /// It has called the initializer.
    Ready,
    /// The initializer panicked.
    NotReady,
    /// It knows of no more tasks, and waits for calls.
    Waits,
    /// It exits.
    Done,
    /// The outcome of the task at this position. If that was a call, the worker waits again.
    Outcome(u64, Result<&'a [u8], FutureError>),
}

pub(super) const READY: u8 = FIRST_OTHER;
pub(super) const NOT_READY: u8 = FIRST_OTHER + 1;
pub(super) const WAITS: u8 = FIRST_OTHER + 2;
pub(super) const DONE: u8 = FIRST_OTHER + 3;

/// To a worker that waits: run this call, if no one else has taken it.
pub(super) const CALL: u8 = 0;
/// To a worker that waits: exit.
pub(super) const EXIT: u8 = 1;

impl<'a> Message<'a> {
    pub(super) fn new(kind: u8, position: u64, bytes: &'a [u8]) -> Self {
        let text = || String::from_utf8_lossy(bytes).into_owned();
        match kind {
            VALUE => Self::Outcome(position, Ok(bytes)),
            PANICKED => {
                let panic = TaskPanicked::new(text());
                Self::Outcome(position, Err(FutureError::Panicked(panic)))
            }
            FAILED => Self::Outcome(position, Err(FutureError::NotSent(text()))),
            READY => Self::Ready,
            NOT_READY => Self::NotReady,
            WAITS => Self::Waits,
            _ => Self::Done,
        }
    }
}
