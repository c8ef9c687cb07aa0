//! The errors of a manager's objects.

use std::fmt;
use std::io;

/// Why a call of a proxy has no result. The server sends it back to the caller.
#[derive(Debug)]
#[non_exhaustive]
pub enum ManagerError {
    /// No such index in a list: Python's `IndexError`.
    Index(String),
    /// No such key in a dict, or name in a namespace: Python's `KeyError` and `AttributeError`.
    Key(String),
    /// No such value in a list, or a free lock was released: Python's `ValueError` and `RuntimeError`.
    Value(String),
    /// No item arrived in time: Python's `queue.Empty`.
    Empty,
    /// The queue stayed full: Python's `queue.Full`.
    Full,
    /// The process that held the lock has exited without releasing it.
    OwnerDied {
        /// The process id.
        pid: u32,
    },
    /// The barrier is broken: Python's `BrokenBarrierError`.
    Broken,
    /// The server cannot be reached: it was shut down, or killed.
    Ended(io::Error),
    /// A value cannot be serialized or deserialized.
    Item(io::Error),
}

impl fmt::Display for ManagerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(message) | Self::Key(message) | Self::Value(message) => {
                f.write_str(message)
            }
            Self::Empty => f.write_str("the queue is empty"),
            Self::Full => f.write_str("the queue is full"),
            Self::Broken => f.write_str("the barrier is broken"),
            Self::OwnerDied { pid } => {
                write!(f, "process {pid} exited while it held the lock")
            }
            Self::Ended(error) => write!(f, "the manager has exited: {error}"),
            Self::Item(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ManagerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Ended(error) | Self::Item(error) => Some(error),
            _ => None,
        }
    }
}

/// The errors as they are sent.
impl ManagerError {
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Index(_) => 1,
            Self::Key(_) => 2,
            Self::Value(_) => 3,
            Self::Empty => 4,
            Self::Full => 5,
            Self::OwnerDied { .. } => 6,
            Self::Ended(_) => 7,
            Self::Item(_) => 8,
            Self::Broken => 9,
        }
    }

    /// Returns the number that is sent with the code.
    pub(super) fn number(&self) -> i64 {
        match self {
            Self::OwnerDied { pid } => i64::from(*pid),
            _ => 0,
        }
    }

    /// The inverse of `code`, `number` and the text.
    pub(super) fn from_parts(code: u8, number: i64, text: String) -> Self {
        match code {
            1 => Self::Index(text),
            2 => Self::Key(text),
            3 => Self::Value(text),
            4 => Self::Empty,
            5 => Self::Full,
            6 => Self::OwnerDied { pid: number as u32 },
            7 => Self::Ended(io::Error::other(text)),
            9 => Self::Broken,
            _ => Self::Item(io::Error::new(io::ErrorKind::InvalidData, text)),
        }
    }
}
