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

/// Whether a range of bytes lies within another one.
pub fn is_inside(outer: &Range<usize>, range: &Range<usize>) -> bool {
    outer.start <= range.start && range.end <= outer.end
}
