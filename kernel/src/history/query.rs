//! History queries of a client.

use super::Entry;
use super::glob::Glob;
use serde::Deserialize;
use std::collections::HashSet;

/// A `history_request`, with IPython's defaults for optional fields.
#[derive(Debug, Deserialize)]
#[serde(tag = "hist_access_type", rename_all = "lowercase")]
pub enum Query {
    /// The last cells of all sessions.
    Tail { n: Option<i64> },
    /// Cells of one session, by their execution counts.
    Range {
        /// The number of the session; zero and below count back from this session.
        #[serde(default)]
        session: i64,
        start: Option<i64>,
        /// The first count after the range.
        stop: Option<i64>,
    },
    /// Cells that match a pattern.
    Search {
        pattern: Option<String>,
        n: Option<i64>,
        /// Whether to return only the last of several equal cells.
        #[serde(default)]
        unique: bool,
    },
}

/// The default number of cells of a `tail`.
const TAIL: i64 = 10;

impl Query {
    /// Selects from all entries, which are sorted; `current` is the number of this session.
    pub fn pick(&self, entries: Vec<Entry>, current: u64) -> Vec<Entry> {
        match self {
            Query::Tail { n } => last(entries, Some(n.unwrap_or(TAIL))),
            Query::Range {
                session,
                start,
                stop,
            } => {
                let session = match *session {
                    back if back <= 0 => current.saturating_add_signed(back),
                    number => number.unsigned_abs(),
                };
                let own = entries
                    .into_iter()
                    .filter(|entry| entry.session == session)
                    .collect();
                range(own, start.unwrap_or(1), *stop)
            }
            Query::Search { pattern, n, unique } => {
                let glob = Glob::new(pattern.as_deref().unwrap_or("*"));
                let mut found = entries;
                found.retain(|entry| glob.matches(&entry.input));
                if *unique {
                    keep_last_of_each(&mut found);
                }
                last(found, *n)
            }
        }
    }
}

fn last(mut entries: Vec<Entry>, n: Option<i64>) -> Vec<Entry> {
    if let Some(n) = n {
        let n = usize::try_from(n).unwrap_or(0);
        entries.drain(..entries.len().saturating_sub(n));
    }
    entries
}

/// Returns the entries of one session between two counts; negative counts are relative to its end.
fn range(mut entries: Vec<Entry>, start: i64, stop: Option<i64>) -> Vec<Entry> {
    let end = entries.last().map_or(0, |entry| entry.line as i64) + 1;
    let from_end = |count: i64| if count < 0 { end + count } else { count };
    let (start, stop) = (from_end(start), stop.map_or(end, from_end));
    entries.retain(|entry| (start..stop).contains(&(entry.line as i64)));
    entries
}

fn keep_last_of_each(entries: &mut Vec<Entry>) {
    let mut seen = HashSet::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries.drain(..).rev() {
        if seen.insert(entry.input.clone()) {
            kept.push(entry);
        }
    }
    kept.reverse();
    *entries = kept;
}
