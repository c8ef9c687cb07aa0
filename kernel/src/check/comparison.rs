//! The results of a check, per notebook and cell.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::difference::Difference;
use super::rule::Rule;
use super::verdict;
use crate::notebook::Document;
use crate::run::{Ending, Execution, Job, code_cells, has_tag, name_of, summary};

/// A notebook that was run again.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The file.
    pub path: String,
    /// How long it took, in seconds, including the start of the kernel.
    pub seconds: f64,
    /// Why not all cells ran.
    pub failure: Option<String>,
    /// The code cells, in order.
    pub cells: Vec<Cell>,
}

/// A code cell.
#[derive(Debug, Serialize)]
pub struct Cell {
    /// Its id, or its number if it has none.
    pub id: String,
    /// Its class and masks.
    pub rule: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Whether it ran and matches.
    pub status: Status,
    /// What differs.
    pub differences: Vec<Difference>,
    /// Command-line options with which the outputs would match.
    pub hint: Option<String>,
}

/// The result of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its outputs match the stored ones.
    Same,
    /// Its outputs differ.
    Different,
    /// It was not chosen, or it has the tag `skip-execution`.
    Skipped,
    /// The run ended before this cell.
    NotRun,
}

impl Comparison {
    /// Compares the outputs of a run with those stored before. `rules` has the rule of each code cell, by cell index.
    pub fn of(
        job: &Job,
        stored: &Document,
        rules: &HashMap<usize, Rule>,
        execution: &Execution,
    ) -> Self {
        let elapsed: HashMap<usize, Duration> = execution
            .ran
            .iter()
            .map(|ran| (ran.index, ran.elapsed))
            .collect();
        let cell = |index: usize| {
            let (old, new) = (&stored.cells()[index], &job.document.cells()[index]);
            let rule = rules.get(&index);
            let mut cell = Cell {
                id: name_of(stored, index),
                rule: rule.map_or_else(String::new, Rule::name),
                seconds: elapsed.get(&index).map_or(0.0, Duration::as_secs_f64),
                status: Status::Skipped,
                differences: Vec::new(),
                hint: None,
            };
            match rule {
                Some(rule) if elapsed.contains_key(&index) => {
                    cell.differences = verdict::compare(rule, old, new);
                    cell.status = Status::Same;
                    if !cell.differences.is_empty() {
                        cell.status = Status::Different;
                        cell.hint = verdict::hint(rule, old, new);
                    }
                }
                _ if job.cells.contains(&index) => cell.status = Status::NotRun,
                _ => (),
            }
            cell
        };
        Self {
            path: job.source.display().to_string(),
            seconds: execution.elapsed.as_secs_f64(),
            failure: match &execution.ending {
                Ending::Finished => None,
                ending => Some(summary::result(ending)),
            },
            cells: code_cells(stored).into_iter().map(cell).collect(),
        }
    }

    /// Returns whether all chosen cells ran and match.
    pub fn is_ok(&self) -> bool {
        self.failure.is_none() && self.different().next().is_none()
    }

    /// Returns the cells that differ.
    pub fn different(&self) -> impl Iterator<Item = &Cell> {
        self.cells
            .iter()
            .filter(|cell| cell.status == Status::Different)
    }

    /// `12 cells, 3.4 s, 2 differ: A4, A5`
    pub fn summary(&self, execution: &Execution) -> String {
        let mut line = summary::amount(execution);
        let names: Vec<&str> = self.different().map(|cell| cell.id.as_str()).collect();
        line.push_str(&match names.len() {
            0 => ", as stored".to_owned(),
            1 => format!(", 1 differs: {}", names[0]),
            many => format!(", {many} differ: {}", names.join(", ")),
        });
        if let Some(failure) = &self.failure {
            line.push_str(", ");
            line.push_str(failure);
        }
        line
    }
}

/// Returns whether the notebook has cells to run but none was ever run, so that there is nothing to compare with.
pub fn is_never_run(document: &Document) -> bool {
    let cells = code_cells(document);
    let mut to_run = cells
        .iter()
        .map(|&index| &document.cells()[index])
        .filter(|cell| !has_tag(cell, "skip-execution"))
        .filter(|cell| {
            cell["source"]
                .as_str()
                .is_some_and(|source| !source.trim().is_empty())
        })
        .peekable();
    let was_run = |cell: &Value| {
        cell["execution_count"].is_u64()
            || cell["outputs"]
                .as_array()
                .is_some_and(|outputs| !outputs.is_empty())
    };
    to_run.peek().is_some() && !to_run.any(was_run)
}
