//! One notebook, run from its first cell to its last.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cell::{self, CellEnd, Limits};
use super::outputs::{self, CellError, Outputs};
use super::progress::NotebookProgress;
use super::session::{Session, SessionError};
use super::stop::Stop;
use super::targets::Job;
use crate::jupyter::spec::Kernel;
use crate::notebook::Document;

/// How a notebook ended.
#[derive(Debug)]
pub enum Ending {
    /// All cells were run.
    Finished,
    /// A cell failed, and those after it were not run.
    CellFailed {
        /// Its id, or its place in the notebook where it has none.
        cell: String,
        /// Its error.
        error: CellError,
    },
    /// The kernel did not start or did not go on.
    KernelFailed(SessionError),
}

/// What has been run of a notebook.
#[derive(Debug)]
pub struct Execution {
    /// How many code cells it has.
    pub cells: usize,
    /// How many of them were run.
    pub ran: usize,
    /// How long that took, with the start of the kernel.
    pub elapsed: Duration,
    /// How it ended.
    pub ending: Ending,
}

impl Execution {
    /// Whether the user has stopped it.
    pub fn is_stopped(&self) -> bool {
        matches!(self.ending, Ending::KernelFailed(SessionError::Stopped))
    }

    /// Whether the kernel failed before the first cell.
    pub fn is_nothing_run(&self) -> bool {
        self.ran == 0 && matches!(self.ending, Ending::KernelFailed(_))
    }
}

/// Runs the code cells of the job's document, in a kernel of its own.
///
/// After a cell that failed, the old outputs of the others are removed, for they are not those of this run. A kernel
/// that does not start leaves the document as it was.
pub async fn execute(
    job: &mut Job,
    kernel: &Kernel,
    limits: Limits,
    stop: Stop,
    progress: &NotebookProgress,
) -> Execution {
    let start = Instant::now();
    let cells: Vec<usize> = code_cells(&job.document);
    let mut run = Run {
        ran: 0,
        cells,
        limits,
    };
    let folder = job.folder().to_owned();
    let ending = match Session::start(kernel, &folder, stop).await {
        Err(error) => Ending::KernelFailed(error),
        Ok(mut session) => {
            let ending = run.cells(&mut session, &mut job.document, progress).await;
            if matches!(ending, Ending::KernelFailed(SessionError::Stopped)) {
                // What happens to the kernel next is the same whether or not it hears this.
                let _ = session.interrupt().await;
            }
            update_metadata(&mut job.document, kernel, &session);
            session.shutdown().await;
            for &index in &run.cells[run.ran..] {
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
    /// Where the code cells are in the notebook.
    cells: Vec<usize>,
    ran: usize,
    limits: Limits,
}

impl Run {
    async fn cells(
        &mut self,
        session: &mut Session,
        document: &mut Document,
        progress: &NotebookProgress,
    ) -> Ending {
        let mut outputs = Outputs::default();
        for (number, &index) in self.cells.iter().enumerate() {
            progress.cell(number, &document.cells()[index]);
            let mut limits = self.limits;
            limits.allow_errors |= has_tag(&document.cells()[index], "raises-exception");
            self.ran += 1;
            let error = match cell::run(session, &mut outputs, document, index, &limits).await {
                Ok(CellEnd::Ok) => continue,
                Ok(CellEnd::Error(_)) if limits.allow_errors => continue,
                Ok(CellEnd::Error(error) | CellEnd::Timeout(error)) => error,
                Err(error) => return Ending::KernelFailed(error),
            };
            return Ending::CellFailed {
                cell: name_of(&document.cells()[index], index),
                error,
            };
        }
        Ending::Finished
    }
}

/// Where the code cells are in the notebook.
pub fn code_cells(document: &Document) -> Vec<usize> {
    let cells = document.cells().iter().enumerate();
    cells
        .filter(|(_, cell)| cell["cell_type"] == "code")
        .map(|(index, _)| index)
        .collect()
}

fn has_tag(cell: &Value, tag: &str) -> bool {
    let tags = cell["metadata"].get("tags").and_then(Value::as_array);
    tags.is_some_and(|tags| tags.iter().any(|own| own == tag))
}

fn name_of(cell: &Value, index: usize) -> String {
    match cell.get("id").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => format!("number {}", index + 1),
    }
}

/// Notes which kernel has run the notebook; other keys of `kernelspec` stay.
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
