//! Why a notebook cannot be used: one line each, with what to do about it.

use std::io;
use std::path::PathBuf;

/// An error about one notebook file or folder.
#[derive(Debug, thiserror::Error)]
pub enum NotebookError {
    /// The path does not exist or cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder without notebooks.
    #[error("no notebooks in {0}: give a folder with .ipynb files, or the files themselves")]
    Empty(PathBuf),
    /// The file holds no JSON.
    #[error(
        "{path} is no notebook, for it is no JSON: {source}; if it holds merge marks, resolve them"
    )]
    Json {
        /// The file.
        path: PathBuf,
        /// Where the JSON ends.
        source: serde_json::Error,
    },
    /// The file holds other JSON.
    #[error("{path} is no notebook: {reason}")]
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
        /// What the system says.
        source: io::Error,
    },
}
