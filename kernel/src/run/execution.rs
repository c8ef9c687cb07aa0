//! Executes one notebook, from its first cell to its last.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cell::{self, CellEnd, Limit};
use super::limits::Limits;
use super::outputs::{self, CellError, Outputs};
use super::progress::NotebookProgress;
use super::selection::{has_tag, name_of};
use super::session::Session;
use super::session_error::SessionError;
use super::stop::Stop;
use super::targets::Job;
use crate::ipc::Timings;
use crate::jupyter::spec::Kernel;
use crate::notebook::Document;

/// How a notebook ended.
#[derive(Debug)]
pub enum Ending {
    /// All cells ran.
    Finished,
    /// A cell failed, and the cells after it did not run.
    CellFailed {
        /// Its id, or its number where it has none.
        cell: String,
        /// Its error.
        error: CellError,
    },
    /// The kernel did not start, or stopped working.
    KernelFailed(SessionError),
    /// The notebook's time ran out between cells; holds the message.
    OutOfTime(String),
}

/// The result of executing a notebook.
#[derive(Debug)]
pub struct Execution {
    /// How many cells were to run.
    pub cells: usize,
    /// The cells that were started, in order.
    pub ran: Vec<ExecutedCell>,
    /// How long it took, including the start of the kernel.
    pub elapsed: Duration,
    /// How it ended.
    pub ending: Ending,
}

/// A cell that was started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExecutedCell {
    /// Its index in the notebook.
    pub index: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// Where the time went, if the kernel reports that.
    pub timings: Option<Timings>,
}

impl Execution {
    /// Returns whether the user stopped it.
    pub fn is_stopped(&self) -> bool {
        matches!(self.ending, Ending::KernelFailed(SessionError::Stopped))
    }

    /// Returns whether it ended before the first cell.
    pub fn is_nothing_run(&self) -> bool {
        self.ran.is_empty() && !matches!(self.ending, Ending::Finished)
    }
}

/// Runs the chosen cells of the job's document in their own kernel.
///
/// After a failed cell, the chosen cells that did not run lose their old outputs, which are from another run. If the
/// kernel does not start, the document stays unchanged.
pub async fn execute(
    job: &mut Job,
    kernel: &Kernel,
    limits: Limits,
    stop: Stop,
    progress: &NotebookProgress,
) -> Execution {
    let start = Instant::now();
    let mut run = Run {
        cells: job.cells.clone(),
        ran: Vec::new(),
        limits,
        limit: limits.of_notebook(),
    };
    let folder = job.folder().to_owned();
    let ending = match run.start(kernel, &folder, stop).await {
        Err(ending) => ending,
        Ok(mut session) => {
            let ending = run.cells(&mut session, &mut job.document, progress).await;
            update_metadata(&mut job.document, kernel, &session);
            session.shutdown().await;
            for &index in &run.cells[run.ran.len()..] {
                outputs::reset(&mut job.document, index);
            }
            ending
        }
    };
    Execution {
        cells: run.cells.len(),
        ran: run.ran,
        elapsed: start.elapsed(),
        ending,
    }
}

struct Run {
    /// The indices of the cells in the notebook.
    cells: Vec<usize>,
    ran: Vec<ExecutedCell>,
    limits: Limits,
    /// The limit of the whole notebook.
    limit: Option<Limit>,
}

impl Run {
    async fn start(
        &self,
        kernel: &Kernel,
        folder: &std::path::Path,
        stop: Stop,
    ) -> Result<Session, Ending> {
        let started = Session::start(kernel, folder, stop);
        let started = match self.limit {
            Some(limit) => tokio::time::timeout_at(limit.at, started)
                .await
                .map_err(|_| Ending::OutOfTime(limit.exceeded().1))?,
            None => started.await,
        };
        started.map_err(Ending::KernelFailed)
    }

    async fn cells(
        &mut self,
        session: &mut Session,
        document: &mut Document,
        progress: &NotebookProgress,
    ) -> Ending {
        let mut outputs = Outputs::default();
        for (number, &index) in self.cells.iter().enumerate() {
            progress.cell(number, &document.cells()[index]);
            let limit = self.limits.of_cell(self.limit);
            if let Some(limit) = limit.filter(|limit| limit.at <= tokio::time::Instant::now()) {
                return Ending::OutOfTime(limit.exceeded().1);
            }
            let may_fail =
                self.limits.allow_errors || has_tag(&document.cells()[index], "raises-exception");
            let begin = Instant::now();
            let ended = cell::run(session, &mut outputs, document, index, limit, !may_fail).await;
            self.ran.push(ExecutedCell {
                index,
                elapsed: begin.elapsed(),
                timings: session.take_timings(),
            });
            let error = match ended {
                Ok(CellEnd::Ok) => continue,
                Ok(CellEnd::Error(_)) if may_fail => continue,
                Ok(CellEnd::Error(error) | CellEnd::Timeout(error)) => error,
                Err(error) => return Ending::KernelFailed(error),
            };
            return Ending::CellFailed {
                cell: name_of(document, index),
                error,
            };
        }
        Ending::Finished
    }
}

/// Records which kernel ran the notebook; other keys of `kernelspec` stay.
fn update_metadata(document: &mut Document, kernel: &Kernel, session: &Session) {
    let metadata = document.metadata_mut();
    if let Some(language) = session.info.get("language_info") {
        metadata["language_info"] = language.clone();
    }
    if !metadata.get("kernelspec").is_some_and(Value::is_object) {
        metadata["kernelspec"] = json!({});
    }
    let kernelspec = &mut metadata["kernelspec"];
    kernelspec["name"] = json!(kernel.name);
    kernelspec["display_name"] = json!(kernel.spec.display_name);
    kernelspec["language"] = json!(kernel.spec.language);
}

#[cfg(test)]
mod tests;
