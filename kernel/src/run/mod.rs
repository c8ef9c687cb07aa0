//! The runner: executes notebooks as a Jupyter client, with the built-in kernel or any that is installed.

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
mod stop;
pub mod summary;
mod targets;
mod timings;

use std::path::{Path, PathBuf};

pub use error::RunError;
pub use execution::{Ending, Execution};
pub use limits::Limits;
pub use parameters::Parameter;
pub use selection::{CellFilter, code_cells, has_tag, name_of};
pub use stop::Stop;
pub use targets::{Destinations, Job, Selection, plan};

use crate::fetch;
use crate::ipc::TIMINGS_VAR;
use crate::jupyter::spec::{self, Kernel};
use crate::prebuilt::{Cache, Toolchain};
use batch::{Batch, FinishedNotebook};

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
    /// The pages keep HTML and scripts of the notebooks as they are.
    pub trust: bool,
    /// The cells that are run, and those that prepare them; without any, all.
    pub only: Vec<CellFilter>,
    /// Values that each notebook is given.
    pub parameters: Vec<Parameter>,
    /// How long cells and notebooks may take, and whether cells may fail.
    pub limits: Limits,
    /// How many notebooks are run at the same time.
    pub at_once: usize,
    /// The name of an installed kernel; without it, the built-in one.
    pub kernel: Option<String>,
    /// Tells where the time of each cell went.
    pub timings: bool,
}

/// What became of the notebooks, in order. It is shorter than the list of notebooks if the user has stopped the run.
#[derive(Debug)]
pub struct Outcome {
    /// One for each notebook that was begun.
    pub notebooks: Vec<Execution>,
    is_stopped: bool,
}

impl Outcome {
    /// Whether all cells of all notebooks were run and none failed.
    pub fn is_ok(&self) -> bool {
        let mut notebooks = self.notebooks.iter();
        notebooks.all(|notebook| matches!(notebook.ending, Ending::Finished))
    }

    /// Whether the user has stopped the run.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }
}

/// Runs the notebooks, each in a kernel of its own, and writes the results of each when it is done.
///
/// That a cell or a kernel fails is part of the [`Outcome`]; the other notebooks are run all the same. When the user
/// stops the run, or a limit does, what ran until then is written too. A notebook of which nothing was run stays as it
/// was.
///
/// # Errors
/// [`RunError`]: before anything was run, but for a result that can suddenly not be written.
pub async fn run(options: &RunOptions) -> Result<Outcome, RunError> {
    let mut kernel = kernel(options.kernel.as_deref())?;
    if options.timings {
        let environment = kernel.spec.env.get_or_insert_default();
        environment.insert(TIMINGS_VAR.to_owned(), "1".to_owned());
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
            eprintln!("{path}: no cell has the tag `parameters`, so the parameters come first");
        }
    }
    if options.kernel.is_none() {
        tell_what_is_missing(&jobs);
    }
    let batch = Batch {
        kernel: &kernel,
        limits: options.limits,
        at_once: options.at_once,
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
    Ok(Outcome {
        is_stopped: notebooks.len() < jobs.len() || notebooks.iter().any(Execution::is_stopped),
        notebooks,
    })
}

/// The installed kernel of this name, or the built-in one.
///
/// # Errors
/// [`RunError::Kernel`].
pub fn kernel(name: Option<&str>) -> Result<Kernel, RunError> {
    Ok(match name {
        Some(name) => spec::find(name)?,
        None => spec::built_in()?,
    })
}

/// Tells which notebooks will build crates first, for that takes its time.
pub fn tell_what_is_missing(jobs: &[Job]) {
    let asks = |job: &&Job| fetch::asks_for_crates(&job.document);
    let mut jobs = jobs.iter().filter(asks).peekable();
    if jobs.peek().is_none() {
        return;
    }
    // Without them no cell runs, and the kernel says why.
    let (Ok(cache), Ok(toolchain)) = (Cache::open(), Toolchain::find()) else {
        return;
    };
    for job in jobs {
        let missing = fetch::missing(&job.source, &job.document, &cache, &toolchain);
        if !missing.is_empty() {
            let path = job.source.display();
            eprintln!(
                "{path}: crates that are not built yet: {}. They are built now; `threadbook fetch {path}` does so ahead",
                missing.join(", ")
            );
        }
    }
}

/// Makes a page of each notebook as it is, without running it; gives the pages. With `trust`, they keep HTML and scripts
/// of the notebooks.
///
/// # Errors
/// [`RunError`]: before anything was written, but for a page that can suddenly not be written.
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
