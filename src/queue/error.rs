//! Why an item was not put or not taken.

use std::fmt;

/// Why an item was not put. It has the item.
#[derive(Clone, Copy, PartialEq, Eq)]
#[doc(alias = "Full")]
pub enum PutError<T> {
    /// The queue stayed full: Python's `queue.Full`.
    Full(T),
    /// The queue was shut down: Python's `queue.ShutDown`.
    ShutDown(T),
}

/// Why no item was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(alias = "Empty")]
pub enum GetError {
    /// There was no item in time: Python's `queue.Empty`.
    Empty,
    /// The queue was shut down, and is empty: Python's `queue.ShutDown`.
    ShutDown,
}

/// `task_done` was called more often than items were put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskDoneTooOften;

impl<T> PutError<T> {
    /// Returns the item.
    pub fn into_item(self) -> T {
        match self {
            Self::Full(item) | Self::ShutDown(item) => item,
        }
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the queue is full",
            Self::ShutDown(_) => SHUT_DOWN,
        })
    }
}

/// Without the item, which may have no `Debug`.
impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the queue is empty",
            Self::ShutDown => SHUT_DOWN,
        })
    }
}

/// Python's text.
impl fmt::Display for TaskDoneTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("task_done() called too many times")
    }
}

impl<T> std::error::Error for PutError<T> {}
impl std::error::Error for GetError {}
impl std::error::Error for TaskDoneTooOften {}

const SHUT_DOWN: &str = "the queue was shut down";
