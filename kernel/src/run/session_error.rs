//! The errors of a session.

use std::time::Duration;

use super::client::ClientError;
use super::kernel_process::StartError;

/// How long a kernel may take to start and answer.
pub const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Why a kernel cannot be used, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It cannot be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It does not answer.
    #[error("the kernel did not answer within {} s of its start", START_TIMEOUT.as_secs())]
    Silent,
    /// The connection failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Its process has exited.
    #[error("the kernel died ({status}){}", last_line(.last_words))]
    Died {
        /// Its exit status.
        status: String,
        /// Its last output outside of cells.
        last_words: String,
    },
    /// It has closed the connection but is still running.
    #[error("the kernel closed the connection")]
    Lost,
    /// The user stopped the run.
    #[error("stopped")]
    Stopped,
}

fn last_line(text: &str) -> String {
    text.lines()
        .last()
        .map(|line| format!("; it last printed: {line}"))
        .unwrap_or_default()
}
