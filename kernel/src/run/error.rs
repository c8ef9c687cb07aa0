//! The errors of a run: nothing was run, or a result could not be written.

use std::io;
use std::path::PathBuf;

use super::trace::TraceError;
use crate::jupyter::spec::SpecError;
use crate::notebook::NotebookError;

/// An error whose message is one line and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A notebook cannot be read, or a result cannot be written.
    #[error(transparent)]
    Notebook(#[from] NotebookError),
    /// The kernel is unknown.
    #[error(transparent)]
    Kernel(#[from] SpecError),
    /// Two destinations for one result.
    #[error(
        "executed notebooks can replace the originals or go to a directory: choose --in-place or --output-dir"
    )]
    Destinations,
    /// Two notebooks with the same name.
    #[error(
        "{first} and {second} would both be written to {path}; name a directory above both, or run them separately"
    )]
    SameResult {
        /// The result.
        path: PathBuf,
        /// One notebook.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The notebook lacks a chosen cell, or cannot take the parameters or run in this kernel.
    #[error("{path}: {reason}")]
    Selection {
        /// The notebook.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// A page cannot be rendered.
    #[error("cannot render a page of {path}: {reason}")]
    Page {
        /// The notebook.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The trace cannot be written.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The signal handlers cannot be installed.
    #[error("cannot install signal handlers: {0}")]
    Signals(io::Error),
}
