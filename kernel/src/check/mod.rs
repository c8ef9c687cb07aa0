//! `threadbook check`: runs notebooks again and compares the outputs with the stored ones. The notebooks do not change.
//!
//! Which parts of an output stay the same from run to run depends on the cell: see [`rule`] for the classes of cells,
//! [`mask`] for text that may always differ, and [`property`] for outputs that are irregular on purpose.

mod comparison;
mod difference;
mod error;
mod exact;
mod id_mapping;
mod line;
mod lines;
mod mask;
mod property;
mod report;
mod rule;
mod verdict;
mod visible_output;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use error::CheckError;
pub use mask::Kind;
pub use rule::{Class, Defaults};

use crate::notebook::{Document, atomic};
use crate::run::batch::{Batch, FinishedNotebook};
use crate::run::{
    self, CellFilter, Destinations, Execution, Job, Limits, RunError, Selection, Stop, name_of,
};
use comparison::Comparison;
use report::table;
use rule::Rule;

/// What to check, and how.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Notebooks, and directories to search for notebooks.
    pub paths: Vec<PathBuf>,
    /// The cells to run, along with those that prepare them; empty means all.
    pub only: Vec<CellFilter>,
    /// How long cells and notebooks may take. Cells may fail: errors are compared too.
    pub limits: Limits,
    /// How many notebooks run at the same time.
    pub jobs: usize,
    /// The name of an installed kernel; `None` means the built-in one.
    pub kernel: Option<String>,
    /// The rule for cells without one.
    pub defaults: Defaults,
    /// The file for a JSON report.
    pub json: Option<PathBuf>,
    /// The file for a JUnit XML report.
    pub junit: Option<PathBuf>,
    /// The files for tables of notebooks and cells, CSV or HTML by their names.
    pub tables: Vec<PathBuf>,
}

/// Makes the content of a report.
type Content = dyn Fn(&[Comparison]) -> Vec<u8>;

/// A report to write.
struct ReportFile<'a> {
    path: &'a Path,
    /// Whether a file that it would replace is an older one.
    is_report: fn(&[u8]) -> bool,
    content: Box<Content>,
}

impl CheckOptions {
    /// Returns the reports that the user asks for.
    fn reports(&self) -> Result<Vec<ReportFile<'_>>, CheckError> {
        let json = self.json.iter().map(|path| ReportFile {
            path,
            is_report: report::json::is_report,
            content: Box::new(report::json::of),
        });
        let junit = self.junit.iter().map(|path| ReportFile {
            path,
            is_report: report::junit::is_report,
            content: Box::new(report::junit::of),
        });
        let mut reports: Vec<ReportFile> = json.chain(junit).collect();
        for path in &self.tables {
            let format = table::Format::of(path).ok_or_else(|| CheckError::Table(path.clone()))?;
            reports.push(ReportFile {
                path,
                is_report: table::is_report,
                content: Box::new(move |comparisons| table::of(comparisons, format)),
            });
        }
        Ok(reports)
    }
}

/// Checks that the reports can be written and that they replace only older reports.
fn check_reports(reports: &[ReportFile]) -> Result<(), CheckError> {
    let mut seen: HashMap<PathBuf, &Path> = HashMap::new();
    for ReportFile {
        path, is_report, ..
    } in reports
    {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        if let Some(first) = seen.insert(absolute, path) {
            return Err(CheckError::SameReport(first.to_owned()));
        }
        let is_other = |content: Vec<u8>| !content.is_empty() && !is_report(&content);
        if fs::read(path).is_ok_and(is_other) {
            return Err(CheckError::NoReport(path.to_path_buf()));
        }
        atomic::check(path).map_err(unwritable(path))?;
    }
    Ok(())
}

/// The result of a check.
#[derive(Debug)]
pub enum Outcome {
    /// The outputs of all cells match.
    Same,
    /// Some cells differ or did not run.
    Different,
    /// The user stopped the check.
    Stopped,
}

/// Runs the notebooks again, prints how they differ from the stored outputs, and writes the reports.
///
/// # Errors
/// [`CheckError`]: before anything runs, except when a report becomes unwritable during the run.
pub async fn check(options: &CheckOptions) -> Result<Outcome, CheckError> {
    let kernel = run::kernel(options.kernel.as_deref())?;
    let choice = Selection {
        only: &options.only,
        parameters: &[],
        language: &kernel.spec.language,
        only_this_language: options.kernel.is_none(),
    };
    let mut jobs = run::plan(&options.paths, &Destinations::default(), &choice)?;
    if options.kernel.is_none() {
        run::tell_what_is_missing(&jobs);
    }
    let mut plans = HashMap::new();
    for job in &jobs {
        plans.insert(job.source.clone(), Plan::of(job, &options.defaults)?);
    }
    let reports = options.reports()?;
    check_reports(&reports)?;
    let batch = Batch {
        kernel: &kernel,
        limits: Limits {
            allow_errors: true,
            ..options.limits
        },
        jobs: options.jobs,
        stop: Stop::on_signals().map_err(RunError::Signals)?,
    };
    let finish = |job: &mut Job, execution: Execution| {
        let comparison = plans[&job.source].compare(job, &execution);
        FinishedNotebook {
            summary: comparison.summary(&execution),
            value: (comparison, execution.is_stopped()),
        }
    };
    let tell = |(comparison, _): &(Comparison, bool)| report::terminal::print(comparison);
    let done = batch.run(&mut jobs, finish, tell).await;

    let is_stopped = done.len() < jobs.len() || done.iter().any(|(_, stopped)| *stopped);
    let comparisons: Vec<Comparison> = done.into_iter().map(|(comparison, _)| comparison).collect();
    for ReportFile { path, content, .. } in &reports {
        atomic::write(path, &content(&comparisons)).map_err(unwritable(path))?;
    }
    Ok(match comparisons.iter().all(Comparison::is_ok) {
        _ if is_stopped => Outcome::Stopped,
        true => Outcome::Same,
        false => Outcome::Different,
    })
}

/// What to compare a notebook with, and how.
struct Plan {
    stored: Document,
    /// By cell index.
    rules: HashMap<usize, Rule>,
}

impl Plan {
    fn of(job: &Job, defaults: &Defaults) -> Result<Self, CheckError> {
        if comparison::is_never_run(&job.document) {
            return Err(CheckError::NeverRun(job.source.clone()));
        }
        let mut rules = HashMap::new();
        for index in run::code_cells(&job.document) {
            let metadata = &job.document.cells()[index]["metadata"];
            let rule = Rule::of(metadata, defaults).map_err(|reason| CheckError::Rule {
                path: job.source.clone(),
                cell: name_of(&job.document, index),
                reason,
            })?;
            rules.insert(index, rule);
        }
        Ok(Self {
            stored: job.document.clone(),
            rules,
        })
    }

    fn compare(&self, job: &Job, execution: &Execution) -> Comparison {
        Comparison::of(job, &self.stored, &self.rules, execution)
    }
}

fn unwritable(path: &Path) -> impl Fn(std::io::Error) -> CheckError + use<> {
    let path = path.to_owned();
    move |source| CheckError::Report {
        path: path.clone(),
        source,
    }
}
