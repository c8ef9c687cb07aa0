//! The input history of this and earlier kernels, stored on disk.

mod file;
mod glob;
mod query;

pub use query::Query;

use file::HistoryFile;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

/// If set to `0`, the history is neither written to disk nor read from it.
pub const SWITCH_VAR: &str = "THREADBOOK_HISTORY";

/// An executed cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The number of the kernel's session, from 1.
    pub session: u64,
    /// The cell's execution count.
    pub line: u64,
    pub input: String,
    /// The text of its result, if any.
    pub output: Option<String>,
}

/// A line of the history file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Record {
    Output {
        session: u64,
        line: u64,
        output: String,
    },
    Input {
        session: u64,
        line: u64,
        input: String,
    },
    /// Reserves a session number.
    Session { session: u64 },
}

/// The history of a kernel. Several kernels share the file.
#[derive(Clone)]
pub struct History(Arc<Mutex<State>>);

struct State {
    /// `None` when the history is not on disk.
    file: Option<HistoryFile>,
    /// The number of this session, once it has one.
    session: Option<u64>,
    /// The records that are not on disk.
    unwritten: Vec<Record>,
}

impl History {
    /// Opens the history in the user's data directory (`XDG_DATA_HOME`, else `~/.local/share`; on macOS
    /// `~/Library/Application Support`).
    pub fn open() -> History {
        let is_off = std::env::var_os(SWITCH_VAR).is_some_and(|value| value == "0");
        let folder = dirs::data_dir().filter(|_| !is_off);
        History::in_folder(folder.map(|folder| folder.join("threadbook")))
    }

    fn in_folder(folder: Option<PathBuf>) -> History {
        History(Arc::new(Mutex::new(State {
            file: folder.map(HistoryFile::new),
            session: None,
            unwritten: Vec::new(),
        })))
    }

    /// Stores the source of a cell, before the cell runs.
    pub fn store_input(&self, line: u64, input: &str) {
        self.state().store(|session| Record::Input {
            session,
            line,
            input: input.to_owned(),
        });
    }

    /// Stores the result of a cell.
    pub fn store_output(&self, line: u64, output: &str) {
        self.state().store(|session| Record::Output {
            session,
            line,
            output: output.to_owned(),
        });
    }

    /// Returns the requested entries, oldest first.
    pub fn find(&self, query: &Query) -> Vec<Entry> {
        let mut state = self.state();
        let session = state.session();
        query.pick(entries(&state.read()), session)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl State {
    fn store(&mut self, record: impl FnOnce(u64) -> Record) {
        let record = record(self.session());
        if let Some(file) = &self.file {
            match file.append(&record) {
                Ok(()) => return,
                Err(error) => self.stop_writing(&error),
            }
        }
        self.unwritten.push(record);
    }

    /// Returns the number of this session, one more than the highest before.
    fn session(&mut self) -> u64 {
        if let Some(session) = self.session {
            return session;
        }
        let taken = match &self.file {
            Some(file) => file.begin_session().map_err(|error| {
                self.stop_writing(&error);
            }),
            None => Err(()),
        };
        let session = taken.unwrap_or(1);
        self.session = Some(session);
        session
    }

    fn read(&self) -> Vec<Record> {
        let mut records = match &self.file {
            Some(file) => file.read().unwrap_or_default(),
            None => Vec::new(),
        };
        records.extend(self.unwritten.iter().cloned());
        records
    }

    fn stop_writing(&mut self, error: &anyhow::Error) {
        tracing::warn!("the history is not saved to disk: {error:#}");
        self.file = None;
    }
}

/// Combines inputs and outputs into entries.
fn entries(records: &[Record]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for record in records {
        match record {
            Record::Session { .. } => {}
            Record::Input {
                session,
                line,
                input,
            } => entries.push(Entry {
                session: *session,
                line: *line,
                input: input.clone(),
                output: None,
            }),
            Record::Output {
                session,
                line,
                output,
            } => {
                let input = entries
                    .iter_mut()
                    .rev()
                    .find(|entry| entry.session == *session && entry.line == *line);
                if let Some(input) = input {
                    input.output = Some(output.clone());
                }
            }
        }
    }
    // Records of kernels that ran at the same time are interleaved.
    entries.sort_by_key(|entry| (entry.session, entry.line));
    entries
}

#[cfg(test)]
mod tests;
