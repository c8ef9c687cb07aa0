//! Errors of notebook files. Each message is one line and says what to do.

use std::io;
use std::path::PathBuf;

/// An error of a notebook file or directory.
#[derive(Debug, thiserror::Error)]
pub enum NotebookError {
    /// The path does not exist or cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A directory without notebooks.
    #[error("no notebooks in {0}: pass a directory with .ipynb files, or the files themselves")]
    Empty(PathBuf),
    /// The file is not valid JSON.
    #[error(
        "{path} is not a notebook, because it is not valid JSON: {source}; if it contains merge conflict markers, resolve them"
    )]
    Json {
        /// The file.
        path: PathBuf,
        /// What is invalid, and where.
        source: serde_json::Error,
    },
    /// The file contains other JSON.
    #[error("{path} is not a notebook: {reason}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// Notebook formats before 3.
    #[error("{path} has the old notebook format {major}; open it in Jupyter and save it once")]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Its `nbformat`.
        major: u64,
    },
    /// Notebook formats after 4.
    #[error(
        "{path} has the notebook format {major}, newer than 4; update threadbook, or save it as format 4"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its `nbformat`.
        major: u64,
    },
    /// The file cannot be replaced.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
