//! rustc's suggestions, drawn as it draws them: the corrected lines of the cell.

use crate::engine::rustc::{Diagnostic, Span};
use crate::engine::source::Source;
use annotate_snippets::{Patch, Snippet};
use std::ops::Range;

/// How many alternatives of one suggestion are drawn, as rustc does.
const MAX_ALTERNATIVES: usize = 4;

/// Changes to the cell's text: each range with what is to stand there.
type Changes<'a> = Vec<(Range<usize>, &'a str)>;

/// Returns the alternatives that a child of an error suggests; none if one of them changes something outside of the cell.
pub fn suggested<'a>(child: &'a Diagnostic, source: &Source, code: &str) -> Vec<Changes<'a>> {
    let changes = child.spans.iter().map(|span| change(span, source, code));
    let changes: Option<Changes> = changes.collect();
    let changes = changes.unwrap_or_default();
    let mut alternatives: Vec<Changes> = Vec::new();
    // rustc lists the changes of all alternatives one after the other: those that follow each other in the text belong together.
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

/// Returns the cell as it would be with these changes.
pub fn corrected<'a>(code: &'a str, changes: Changes<'a>) -> Snippet<'a, Patch<'a>> {
    let patches = changes
        .into_iter()
        .map(|(range, replacement)| Patch::new(range, replacement));
    Snippet::source(code).line_start(1).patches(patches)
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

fn change<'a>(span: &'a Span, source: &Source, code: &str) -> Option<(Range<usize>, &'a str)> {
    let replacement = span.suggested_replacement.as_deref()?;
    let place = span.in_source();
    let range = source.in_cell(&place)?;
    // Edits have changed other text.
    let is_same = code.get(range.clone())? == source.text().get(place)?;
    is_same.then_some((range, replacement))
}
