//! The runner: executes notebooks as a Jupyter client, in the built-in kernel or in any installed one.

pub mod batch;
mod cell;
mod client;
mod error;
pub mod execution;
#[cfg(test)]
pub mod fake_kernel;
mod kernel_process;
mod limits;
mod outputs;
mod parameters;
mod progress;
mod selection;
mod session;
mod session_error;
mod stop;
pub mod summary;
mod targets;
mod timings;
mod trace;

use std::path::{Path, PathBuf};

pub use error::RunError;
pub use execution::{Ending, Execution};
pub use limits::Limits;
pub use parameters::Parameter;
pub use selection::{CellFilter, code_cells, has_tag, name_of};
pub use stop::Stop;
pub use targets::{Destinations, Job, Selection, plan};

use crate::fetch;
use crate::ipc::{TIMINGS_VAR, TRACE_VAR, WATCH_VAR};
use crate::jupyter::spec::{self, Kernel};
use crate::prebuilt::{Cache, Toolchain};
use batch::{Batch, FinishedNotebook};
use trace::Trace;

/// The options of a run: its notebooks, and where the results go.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Notebooks, and directories to search for notebooks.
    pub paths: Vec<PathBuf>,
    /// Executed notebooks replace their source files.
    pub in_place: bool,
    /// Executed notebooks go into this directory. With neither, they only serve `html`.
    pub output_dir: Option<PathBuf>,
    /// An HTML page of each notebook goes into this directory.
    pub html: Option<PathBuf>,
    /// Pages keep the notebooks' HTML and scripts unchanged.
    pub trust: bool,
    /// The cells to run, along with those that prepare them; empty means all.
    pub only: Vec<CellFilter>,
    /// Parameters for every notebook.
    pub parameters: Vec<Parameter>,
    /// How long cells and notebooks may take, and whether cells may fail.
    pub limits: Limits,
    /// How many notebooks run at the same time.
    pub jobs: usize,
    /// The name of an installed kernel; `None` means the built-in one.
    pub kernel: Option<String>,
    /// Reports where the time of each cell went.
    pub timings: bool,
    /// Draws what the threads of each cell do.
    pub watch: bool,
    /// What the threads of each cell do goes into this file, as Chrome's trace events.
    pub trace: Option<PathBuf>,
}

/// The results of the notebooks, in order. If the user stopped the run, notebooks that never started are missing.
#[derive(Debug)]
pub struct Outcome {
    /// One for each notebook that was started.
    pub notebooks: Vec<Execution>,
    is_stopped: bool,
}

impl Outcome {
    /// Returns whether all cells of all notebooks ran without a failure.
    pub fn is_ok(&self) -> bool {
        let mut notebooks = self.notebooks.iter();
        notebooks.all(|notebook| matches!(notebook.ending, Ending::Finished))
    }

    /// Returns whether the user stopped the run.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }
}

/// Runs the notebooks, each in its own kernel, and writes the results of each when it is done.
///
/// A cell or kernel that fails is part of the [`Outcome`]; the other notebooks still run. When the user or a limit
/// stops the run, the outputs so far are written too. A notebook in which no cell ran stays unchanged.
///
/// # Errors
/// [`RunError`]: before anything runs, except when a result becomes unwritable during the run.
pub async fn run(options: &RunOptions) -> Result<Outcome, RunError> {
    let mut kernel = kernel(options.kernel.as_deref())?;
    let trace = options.trace.as_deref().map(Trace::begin).transpose()?;
    let one = |is_set: bool| is_set.then(|| "1".to_owned());
    for (variable, value) in [
        (TIMINGS_VAR, one(options.timings)),
        (WATCH_VAR, one(options.watch)),
        (
            TRACE_VAR,
            trace
                .as_ref()
                .map(|trace| trace.folder().display().to_string()),
        ),
    ] {
        if let Some(value) = value {
            let environment = kernel.spec.env.get_or_insert_default();
            environment.insert(variable.to_owned(), value);
        }
    }
    let places = Destinations {
        in_place: options.in_place,
        notebooks: options.output_dir.as_deref(),
        pages: options.html.as_deref(),
        trust: options.trust,
    };
    let choice = Selection {
        only: &options.only,
        parameters: &options.parameters,
        language: &kernel.spec.language,
        only_this_language: options.kernel.is_none(),
    };
    let mut jobs = plan(&options.paths, &places, &choice)?;
    for job in jobs.iter().filter(|_| !options.parameters.is_empty()) {
        if !parameters::are_declared(&job.document) {
            let path = job.source.display();
            eprintln!(
                "{path}: no cell has the tag `parameters`, so the parameters go before the first cell"
            );
        }
    }
    if options.kernel.is_none() {
        tell_what_is_missing(&jobs);
    }
    let batch = Batch {
        kernel: &kernel,
        limits: options.limits,
        jobs: options.jobs,
        stop: Stop::on_signals().map_err(RunError::Signals)?,
    };
    let finish = |job: &mut Job, execution: Execution| {
        let table = options.timings.then(|| {
            job.notes = timings::notes(&job.document, &execution.ran);
            timings::table(&job.document, &execution.ran)
        });
        let summary = summary::of(&execution);
        let written = if execution.is_nothing_run() {
            Ok(execution)
        } else {
            job.write().map(|()| execution)
        };
        FinishedNotebook {
            summary,
            value: (written, table),
        }
    };
    let tell = |(_, table): &(_, Option<String>)| {
        if let Some(table) = table {
            print!("{table}");
        }
    };
    let notebooks = batch.run(&mut jobs, finish, tell).await;
    let notebooks: Vec<Execution> = notebooks
        .into_iter()
        .map(|(written, _)| written)
        .collect::<Result<_, _>>()?;
    if let Some(trace) = trace {
        trace.end()?;
    }
    Ok(Outcome {
        is_stopped: notebooks.len() < jobs.len() || notebooks.iter().any(Execution::is_stopped),
        notebooks,
    })
}

/// Returns the installed kernel of this name, or the built-in one.
///
/// # Errors
/// [`RunError::Kernel`].
pub fn kernel(name: Option<&str>) -> Result<Kernel, RunError> {
    Ok(match name {
        Some(name) => spec::find(name)?,
        None => spec::built_in()?,
    })
}

/// Reports on stderr which notebooks have to build crates first, because that takes time.
pub fn tell_what_is_missing(jobs: &[Job]) {
    let asks = |job: &&Job| fetch::asks_for_crates(&job.document);
    let mut jobs = jobs.iter().filter(asks).peekable();
    if jobs.peek().is_none() {
        return;
    }
    // Without these no cell runs, and the kernel reports why.
    let (Ok(cache), Ok(toolchain)) = (Cache::open(), Toolchain::find()) else {
        return;
    };
    for job in jobs {
        let missing = fetch::missing(&job.source, &job.document, &cache, &toolchain);
        if !missing.is_empty() {
            let path = job.source.display();
            eprintln!(
                "{path}: building crates first: {} (`threadbook fetch {path}` builds them ahead of time)",
                missing.join(", ")
            );
        }
    }
}

/// Writes an HTML page of each notebook without running it; returns the paths of the pages. With `trust`, pages keep
/// the notebooks' HTML and scripts.
///
/// # Errors
/// [`RunError`]: before anything is written, except when a page becomes unwritable meanwhile.
pub fn export(paths: &[PathBuf], output_dir: &Path, trust: bool) -> Result<Vec<PathBuf>, RunError> {
    let places = Destinations {
        pages: Some(output_dir),
        trust,
        ..Default::default()
    };
    let jobs = plan(paths, &places, &Selection::default())?;
    jobs.iter().try_for_each(Job::write)?;
    Ok(jobs.into_iter().filter_map(|job| job.page).collect())
}
