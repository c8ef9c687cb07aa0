//! rustc's suggestions, drawn as it draws them: the corrected lines of the cell.

use super::Reporter;
use super::places::{Place, path};
use crate::engine::rustc::Diagnostic;
use annotate_snippets::{Patch, Snippet};
use std::ops::Range;

/// How many alternatives of one suggestion are drawn, as rustc does.
const MAX_ALTERNATIVES: usize = 4;

/// Changes to the cell's text: each range with what is to stand there.
type Changes<'a> = Vec<(Range<usize>, &'a str)>;

impl Reporter<'_> {
    /// Returns the alternatives that a child of an error suggests, and the cell that they change; `None` if one of them changes something
    /// else.
    pub(super) fn suggested<'b>(
        &'b self,
        child: &'b Diagnostic,
    ) -> Option<(Place<'b>, Vec<Changes<'b>>)> {
        let places: Option<Vec<Place>> = child.spans.iter().map(|span| self.place(span)).collect();
        let places = places?;
        let cell = places.first()?.clone();
        let is_here = |place: &Place| place.cell == cell.cell;
        let changes = child.spans.iter().zip(&places).map(|(span, place)| {
            let replacement = span.suggested_replacement.as_deref()?;
            // Edits have changed other text.
            let is_same =
                place.code.get(place.range.clone()) == self.source.text().get(span.in_source());
            (is_same && is_here(place)).then(|| (place.range.clone(), replacement))
        });
        let changes: Changes = changes.collect::<Option<_>>()?;
        Some((cell, alternatives(changes)))
    }
}

/// Returns the alternatives among changes that rustc lists one after the other: those that follow each other in the text belong together.
fn alternatives(changes: Changes) -> Vec<Changes> {
    let mut alternatives: Vec<Changes> = Vec::new();
    let is_one = !overlap(&changes);
    for change in changes {
        match alternatives.last_mut() {
            Some(alternative) if is_one || follows(&change, alternative) => {
                alternative.push(change)
            }
            _ => alternatives.push(vec![change]),
        }
    }
    alternatives.truncate(MAX_ALTERNATIVES);
    alternatives
}

/// Returns a cell as it would be with these changes.
pub fn corrected<'a>(cell: &Place<'a>, changes: Changes<'a>) -> Snippet<'a, Patch<'a>> {
    let patches = changes
        .into_iter()
        .map(|(range, replacement)| Patch::new(range, replacement));
    let snippet = Snippet::source(cell.code).line_start(1);
    let snippet = match cell.cell {
        None => snippet,
        Some(_) => snippet.path(path(cell.cell)),
    };
    snippet.patches(patches)
}

/// Whether changes cannot be made together.
fn overlap(changes: &Changes) -> bool {
    let mut ranges: Vec<&Range<usize>> = changes.iter().map(|(range, _)| range).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut pairs = ranges.windows(2);
    pairs.any(|pair| pair[1].start < pair[0].end || pair[0] == pair[1])
}

fn follows(change: &(Range<usize>, &str), changes: &Changes) -> bool {
    let before = changes.last();
    before.is_none_or(|(before, _)| before.start < change.0.start && before.end <= change.0.start)
}
