//! The errors of queues.

use std::fmt;
use std::io;

/// Why an item was not put or not taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum QueueError {
    /// No item arrived in time: Python's `queue.Empty`.
    Empty,
    /// The queue stayed full: Python's `queue.Full`.
    Full,
    /// This process has closed the queue.
    Closed,
    /// A process exited before its items were written: in the middle of the next item, or, if there is no other item,
    /// before one or more. They are lost; the queue goes on.
    WriterEnded {
        /// The process id.
        pid: u32,
    },
    /// More calls of `task_done` than items.
    TaskDoneTooOften,
    /// The item cannot be serialized or deserialized.
    Item(io::Error),
    /// The system has no thread left for the items that do not fit into the queue's memory.
    NoThread(io::Error),
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the queue is empty"),
            Self::Full => f.write_str("the queue is full"),
            Self::Closed => f.write_str("the queue is closed in this process"),
            Self::WriterEnded { pid } => write!(
                f,
                "process {pid} exited before all its items were written: the rest are lost"
            ),
            Self::TaskDoneTooOften => f.write_str("task_done() called too many times"),
            Self::Item(error) => error.fmt(f),
            Self::NoThread(error) => write!(f, "cannot start the queue's feeder thread: {error}"),
        }
    }
}

impl std::error::Error for QueueError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Item(error) | Self::NoThread(error) => Some(error),
            _ => None,
        }
    }
}
