//! The places of rustc's messages, in the cell and in items of earlier cells.

use super::Reporter;
use crate::engine::rustc::{Diagnostic, Span};
use crate::engine::source::Origin;
use annotate_snippets::{Annotation, AnnotationKind, Snippet};
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes of a cell's text.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The number of an earlier cell; `None` for the cell that does not compile.
    pub cell: Option<u32>,
    /// The cell's text.
    pub code: &'a str,
    pub range: Range<usize>,
}

impl Reporter<'_> {
    /// Returns the lines that the message is about, those of the cell first.
    pub(super) fn annotated(&self, message: &Diagnostic) -> Vec<Snippet<'_, Annotation<'_>>> {
        let mut cells: BTreeMap<Option<u32>, (&str, Vec<Annotation>)> = BTreeMap::new();
        for span in &message.spans {
            let Some(place) = self.place(span) else {
                continue;
            };
            let label = self.in_terms_of_cell(span.label());
            // Without a label, a place elsewhere says nothing.
            if place.cell.is_some() && label.is_empty() && !span.is_primary {
                continue;
            }
            let kind = match span.is_primary {
                true => AnnotationKind::Primary,
                false => AnnotationKind::Context,
            };
            let annotation = kind.span(place.range);
            let annotation = match label.is_empty() {
                true => annotation,
                false => annotation.label(label),
            };
            let cell = cells.entry(place.cell);
            cell.or_insert((place.code, Vec::new())).1.push(annotation);
        }
        let drawn = cells.into_iter().map(|(cell, (code, annotations))| {
            let snippet = Snippet::source(code).line_start(1).path(path(cell));
            snippet.annotations(annotations)
        });
        drawn.collect()
    }

    /// Returns where a span is; `None` if it is in generated code or in a crate.
    pub(super) fn place(&self, span: &Span) -> Option<Place<'_>> {
        let at = span.in_source();
        if let Some(range) = self.source.in_cell(&at) {
            let code = self.cell.code.as_str();
            // A macro's expansion may be longer than its call.
            return code.get(range.clone()).map(|_| Place {
                cell: None,
                code,
                range,
            });
        }
        let segment = self.source.segment_at(at.start)?;
        let Origin::Item(index) = segment.origin else {
            return None;
        };
        let item = self.selection.items.get(index)?;
        let code = self.earlier.get(&item.cell).filter(|_| item.is_verbatim)?;
        let start = at.start - segment.range.start + segment.start;
        let range = start..start + at.len();
        // Edits have changed other text.
        let is_same = code.get(range.clone())? == self.source.text().get(at)?;
        is_same.then_some(Place {
            cell: Some(item.cell),
            code,
            range,
        })
    }
}

/// Returns how a cell is named in front of its lines.
pub fn path(cell: Option<u32>) -> String {
    cell.map_or("cell".to_owned(), |number| format!("cell {number}"))
}
