//! The errors of a check: nothing was checked, or a report could not be written.

use std::io;
use std::path::PathBuf;

use crate::run::RunError;

/// An error whose message is one line and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// An error of the run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The metadata of a cell is invalid.
    #[error("{path}, cell {cell}: {reason}")]
    Rule {
        /// The notebook.
        path: PathBuf,
        /// The cell's id, or its number.
        cell: String,
        /// What is wrong.
        reason: String,
    },
    /// The notebook has no stored outputs.
    #[error(
        "{0} has never been run, so there is nothing to compare with; store outputs with `threadbook run --in-place`"
    )]
    NeverRun(PathBuf),
    /// A report would overwrite another file.
    #[error("{0} exists and is not a report; give the report another name or remove the file")]
    NoReport(PathBuf),
    /// The name of a table does not say its format.
    #[error("{0} is neither CSV nor HTML; give the table a name that ends with .csv or .html")]
    Table(PathBuf),
    /// Two reports have the same path.
    #[error("both reports would be written to {0}; give them different names")]
    SameReport(PathBuf),
    /// A report cannot be written.
    #[error("cannot write {path}: {source}")]
    Report {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
