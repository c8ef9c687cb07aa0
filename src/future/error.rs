//! Why a future has no value.

use std::any::Any;
use std::fmt;

/// Why a [`Future`](super::Future) has no value.
#[doc(alias = "BrokenExecutor")]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FutureError {
    /// The task panicked: where Python raises what the task raised.
    Panicked(TaskPanicked),
    /// The future was cancelled: Python's `CancelledError`.
    #[doc(alias = "CancelledError")]
    Cancelled,
    /// The task was not done in time: Python's `TimeoutError`. The task goes on.
    #[doc(alias = "TimeoutError")]
    Timeout,
    /// The initializer of a thread panicked: Python's `BrokenThreadPool`.
    BrokenThreadPool,
    /// A worker process died, which one and how: Python's `BrokenProcessPool`.
    BrokenProcessPool(String),
    /// The task was for another process, and its argument or its value cannot be serialized or deserialized.
    NotSent(String),
}

/// The task panicked. `Display` gives the panic's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPanicked {
    message: String,
}

/// The future cannot be given a value or started: it is running or done already. Python's `InvalidStateError`.
#[doc(alias = "InvalidStateError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidState;

/// Not all futures were done in time: the `TimeoutError` of Python's `as_completed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// How many futures were not done.
    pub unfinished: usize,
    /// How many there are.
    pub total: usize,
}

impl TaskPanicked {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for FutureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(panic) => panic.fmt(f),
            Self::Cancelled => f.write_str("the future was cancelled"),
            Self::Timeout => f.write_str("the task was not done in time"),
            Self::BrokenThreadPool => f.write_str(
                "a thread initializer failed, the thread pool is not usable anymore: create a new one",
            ),
            Self::BrokenProcessPool(cause) => f.write_str(cause),
            Self::NotSent(cause) => write!(f, "the task or its result cannot be sent: {cause}"),
        }
    }
}

impl fmt::Display for TaskPanicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for InvalidState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the future is running or done already")
    }
}

/// As Python words it: `2 (of 5) futures unfinished`.
impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (of {}) futures unfinished",
            self.unfinished, self.total
        )
    }
}

impl std::error::Error for FutureError {}
impl std::error::Error for TaskPanicked {}
impl std::error::Error for InvalidState {}
impl std::error::Error for Unfinished {}

/// The error of a task that panicked with this payload.
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> FutureError {
    FutureError::Panicked(TaskPanicked::new(panic_message(payload)))
}

/// Returns the message of a panic.
pub(crate) fn panic_message(payload: Box<dyn Any + Send>) -> String {
    let message = match payload.downcast_ref::<&str>() {
        Some(text) => (*text).to_owned(),
        None => payload
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| "panicked with a value that is not text".into()),
    };
    // A payload of a user's type may panic when it is dropped, where no one would catch it.
    std::mem::forget(payload);
    message
}
