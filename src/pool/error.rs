//! The errors of a pool's calls.

use std::fmt;
use std::io;

/// Why a call of a pool has no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum PoolError {
    /// The task panicked, with this message.
    Panicked(String),
    /// A worker exited before its task was done, by `exit`, a crash or a signal. Python waits for ever then.
    WorkerDied {
        /// `ForkPoolWorker-N`.
        name: String,
        /// The process id.
        pid: u32,
        /// -N if signal N killed it; None if other code has reaped it.
        exitcode: Option<i32>,
    },
    /// The wait for the result timed out: Python's `TimeoutError`.
    Timeout,
    /// The pool was closed before the call.
    NotRunning,
    /// The pool was terminated during the call.
    Terminated,
    /// `join` before `close` or `terminate`.
    StillRunning,
    /// The pool belongs to the process with this id, and this is another.
    OtherProcess(u32),
    /// The system has no process, thread or descriptor left for the call.
    Start(io::Error),
    /// The initializer panicked in a worker, with this message. Python starts new workers for ever then.
    Initializer(String),
    /// `successful` before the task has finished: Python's ValueError.
    NotReady,
    /// A result cannot be serialized or deserialized.
    Result(String),
}

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(message) => f.write_str(message),
            Self::WorkerDied {
                name,
                pid,
                exitcode,
            } => {
                write!(f, "{name} (process {pid}) ")?;
                match exitcode {
                    Some(code @ ..0) => write!(f, "was killed by signal {}", -code)?,
                    Some(code) => write!(f, "ended with exit code {code}")?,
                    None => f.write_str("ended")?,
                }
                f.write_str(" before its task was done")
            }
            Self::Timeout => f.write_str("timed out waiting for the result"),
            Self::NotRunning => f.write_str("Pool not running"),
            Self::Terminated => f.write_str("the pool was terminated before the task was done"),
            Self::StillRunning => f.write_str("Pool is still running"),
            Self::OtherProcess(pid) => write!(
                f,
                "this pool belongs to process {pid}: create a pool in this process"
            ),
            Self::Start(error) => write!(f, "cannot start the pool's workers: {error}"),
            Self::Initializer(message) => {
                write!(f, "the initializer of the pool panicked: {message}")
            }
            Self::NotReady => f.write_str("the AsyncResult is not ready: call wait or get first"),
            Self::Result(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for PoolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(error) => Some(error),
            _ => None,
        }
    }
}
