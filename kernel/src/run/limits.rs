//! What a run may take.

use std::time::Duration;

use tokio::time::Instant;

use super::cell::{Limit, LimitScope};

/// How long cells and notebooks may take, and whether cells may fail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// How long one cell may take.
    pub cell: Option<Duration>,
    /// How long one notebook may take, with the start of its kernel.
    pub notebook: Option<Duration>,
    /// Goes on after a cell that failed.
    pub allow_errors: bool,
}

impl Limits {
    /// The limit of a notebook that begins now.
    pub fn of_notebook(&self) -> Option<Limit> {
        self.notebook
            .map(|time| from_now(time, LimitScope::Notebook))
    }

    /// The limit of a cell that begins now, in a notebook with this one: the earlier of the two.
    pub fn of_cell(&self, notebook: Option<Limit>) -> Option<Limit> {
        let cell = self.cell.map(|time| from_now(time, LimitScope::Cell));
        cell.into_iter()
            .chain(notebook)
            .min_by_key(|limit| limit.at)
    }
}

fn from_now(time: Duration, whose: LimitScope) -> Limit {
    let now = Instant::now();
    // What is beyond the clock's end is never reached; a year is not either.
    let at = now
        .checked_add(time)
        .unwrap_or(now + Duration::from_secs(365 * 24 * 3600));
    Limit { at, time, whose }
}
