//! Time limits of a run.

use std::time::Duration;

use tokio::time::Instant;

use super::cell::{Limit, LimitScope};

/// How long cells and notebooks may take, and whether cells may fail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// How long one cell may take.
    pub cell: Option<Duration>,
    /// How long one notebook may take, including the start of its kernel.
    pub notebook: Option<Duration>,
    /// Continues after a failed cell.
    pub allow_errors: bool,
}

impl Limits {
    /// Returns the limit of a notebook that starts now.
    pub fn of_notebook(&self) -> Option<Limit> {
        self.notebook
            .map(|time| from_now(time, LimitScope::Notebook))
    }

    /// Returns the limit of a cell that starts now: the earlier of its own and the given one of its notebook.
    pub fn of_cell(&self, notebook: Option<Limit>) -> Option<Limit> {
        let cell = self.cell.map(|time| from_now(time, LimitScope::Cell));
        cell.into_iter()
            .chain(notebook)
            .min_by_key(|limit| limit.at)
    }
}

fn from_now(time: Duration, whose: LimitScope) -> Limit {
    let now = Instant::now();
    // A duration beyond the clock's range is never reached, and neither is a year.
    let at = now
        .checked_add(time)
        .unwrap_or(now + Duration::from_secs(365 * 24 * 3600));
    Limit { at, time, whose }
}
