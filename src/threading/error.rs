//! The errors of a thread.

use std::fmt;

/// What Python answers with a RuntimeError, and a panic of the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThreadError {
    /// `start` was called before.
    StartedTwice,
    /// `join` was called before `start`.
    NotStarted,
    /// A thread would wait for itself.
    JoinsItself,
    /// The thread runs, so it cannot become or stop being a daemon.
    Active,
    /// The system has started no thread, for this reason.
    CannotStart(String),
    /// The thread panicked, with this message.
    Panicked(String),
}

/// Python's texts.
impl fmt::Display for ThreadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartedTwice => f.write_str("threads can only be started once"),
            Self::NotStarted => f.write_str("cannot join thread before it is started"),
            Self::JoinsItself => f.write_str("cannot join current thread"),
            Self::Active => f.write_str("cannot set daemon status of active thread"),
            Self::CannotStart(error) => write!(f, "can't start new thread: {error}"),
            Self::Panicked(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for ThreadError {}
