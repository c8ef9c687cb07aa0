//! The runner: executes notebooks as a Jupyter client, with the built-in kernel or any that is installed.

mod cell;
mod client;
mod execution;
#[cfg(test)]
mod fake_kernel;
mod kernel_process;
mod outputs;
mod progress;
mod session;
mod stop;
mod targets;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

pub use execution::{Ending, Execution};

use crate::jupyter::spec::{self, SpecError};
use crate::notebook::NotebookError;
use cell::Limits;
use progress::Progress;
use stop::Stop;
use targets::{Job, Places};

/// What is run, and where the results go.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Notebooks, and folders that are searched for notebooks.
    pub paths: Vec<PathBuf>,
    /// Executed notebooks replace those they were read from.
    pub in_place: bool,
    /// Executed notebooks go into this folder. With neither, they only serve `html`.
    pub output_dir: Option<PathBuf>,
    /// A page of each notebook goes into this folder.
    pub html: Option<PathBuf>,
    /// How long one cell may take.
    pub timeout: Option<Duration>,
    /// Goes on after a cell that failed.
    pub allow_errors: bool,
    /// The name of an installed kernel; without it, the built-in one.
    pub kernel: Option<String>,
}

/// What became of the notebooks, in order. It is shorter than the list of notebooks if the user has stopped the run.
#[derive(Debug)]
pub struct Outcome {
    /// One for each notebook that was begun.
    pub notebooks: Vec<Execution>,
}

impl Outcome {
    /// Whether all cells of all notebooks were run and none failed.
    pub fn is_ok(&self) -> bool {
        self.notebooks
            .iter()
            .all(|notebook| matches!(notebook.ending, Ending::Finished))
    }

    /// Whether the user has stopped the run.
    pub fn is_stopped(&self) -> bool {
        self.notebooks.iter().any(Execution::is_stopped)
    }
}

/// Why nothing was run, or why a result could not be written.
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
    Places,
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

/// Runs the notebooks one after the other, each in a kernel of its own, and writes the results of each when it is done.
///
/// That a cell or a kernel fails is part of the [`Outcome`]; the other notebooks are run all the same. When the user
/// stops the run, the notebook in hand stays as it was; so does one whose kernel does not start.
///
/// # Errors
/// [`RunError`]: before anything was run, but for a result that can suddenly not be written.
pub async fn run(options: &RunOptions) -> Result<Outcome, RunError> {
    let kernel = match &options.kernel {
        Some(name) => spec::find(name)?,
        None => spec::built_in()?,
    };
    let jobs = targets::plan(
        &options.paths,
        &Places {
            in_place: options.in_place,
            notebooks: options.output_dir.as_deref(),
            pages: options.html.as_deref(),
        },
    )?;
    let stop = Stop::on_signals().map_err(RunError::Signals)?;
    let limits = Limits {
        timeout: options.timeout,
        allow_errors: options.allow_errors,
    };
    let all = Progress::on_stderr();
    let mut outcome = Outcome {
        notebooks: Vec::new(),
    };
    for mut job in jobs {
        let progress = all.notebook(&job.source, execution::code_cells(&job.document).len());
        let execution =
            execution::execute(&mut job, &kernel, limits, stop.clone(), &progress).await;
        progress.finish(&execution);
        let stopped = execution.is_stopped();
        if !stopped && !execution.is_nothing_run() {
            job.write()?;
        }
        outcome.notebooks.push(execution);
        if stopped {
            break;
        }
    }
    Ok(outcome)
}

/// Makes a page of each notebook as it is, without running it; gives the pages.
///
/// # Errors
/// [`RunError`]: before anything was written, but for a page that can suddenly not be written.
pub fn export(paths: &[PathBuf], output_dir: &std::path::Path) -> Result<Vec<PathBuf>, RunError> {
    let jobs = targets::plan(
        paths,
        &Places {
            pages: Some(output_dir),
            ..Default::default()
        },
    )?;
    jobs.iter().try_for_each(Job::write)?;
    Ok(jobs.into_iter().filter_map(|job| job.page).collect())
}
