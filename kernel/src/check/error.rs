//! Why nothing was checked, or why a report could not be written.

use std::io;
use std::path::PathBuf;

use crate::run::RunError;

/// One line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// As for `run`.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The metadata of a cell.
    #[error("{path}, cell {cell}: {reason}")]
    Rule {
        /// The notebook.
        path: PathBuf,
        /// The cell's id, or its number.
        cell: String,
        /// What is wrong.
        reason: String,
    },
    /// Nothing to compare with.
    #[error(
        "{0} has never been run, so there is nothing to compare with; store outputs by `threadbook run --in-place`"
    )]
    NeverRun(PathBuf),
    /// A file that a report would take the place of.
    #[error("{0} is there and is no report; give the report another name, or remove the file")]
    NoReport(PathBuf),
    /// Two reports for one file.
    #[error("{0} cannot be both reports; give them different names")]
    SameReport(PathBuf),
    /// A report.
    #[error("cannot write {path}: {source}")]
    Report {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
