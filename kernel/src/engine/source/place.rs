//! Places in what the user wrote.

use std::ops::Range;

/// Bytes of the cell, or of a deferred `let` of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text of the `let`.
    pub deferred: Option<String>,
    pub range: Range<usize>,
}

impl Place {
    pub fn in_cell(range: Range<usize>) -> Place {
        Place {
            deferred: None,
            range,
        }
    }
}
