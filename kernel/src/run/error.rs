//! Why nothing was run, or why a result could not be written.

use std::io;
use std::path::PathBuf;

use crate::jupyter::spec::SpecError;
use crate::notebook::NotebookError;

/// One line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A notebook cannot be read, or a result cannot be written.
    #[error(transparent)]
    Notebook(#[from] NotebookError),
    /// The kernel is not known.
    #[error(transparent)]
    Kernel(#[from] SpecError),
    /// Two places for one result.
    #[error(
        "executed notebooks go either into their own files or into a folder: choose --in-place or --output-dir"
    )]
    Destinations,
    /// Two notebooks of one name.
    #[error(
        "{first} and {second} would both be written to {path}; run them one by one, into two folders"
    )]
    SameResult {
        /// The result.
        path: PathBuf,
        /// One notebook.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The notebook lacks what was chosen, or has no place for the parameters.
    #[error("{path}: {reason}")]
    Selection {
        /// The notebook.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The page cannot be made.
    #[error("cannot make a page of {path}: {reason}")]
    Page {
        /// The notebook.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The system gives no signal handlers.
    #[error("cannot listen for Ctrl-C: {0}")]
    Signals(io::Error),
}
