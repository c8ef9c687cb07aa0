//! Texts inserted into another one.

use std::cmp::Reverse;
use std::ops::Range;

/// Texts to insert around parts of a text, which are nested or apart.
#[derive(Debug, Default)]
pub struct Insertions(Vec<Insertion>);

#[derive(Debug)]
struct Insertion {
    /// The bytes of the part.
    range: Range<usize>,
    before: String,
    after: String,
}

impl Insertions {
    /// Adds texts before and after these bytes. Of two around the same bytes, the first one is the outer one.
    pub fn around(
        &mut self,
        range: Range<usize>,
        before: impl Into<String>,
        after: impl Into<String>,
    ) {
        self.0.push(Insertion {
            range,
            before: before.into(),
            after: after.into(),
        });
    }

    /// Adds a text at this byte, outside of the parts that end or begin there.
    pub fn at(&mut self, at: usize, text: impl Into<String>) {
        self.around(at..at, text, "");
    }

    /// Returns the texts with their places, in their order.
    pub fn in_order(mut self) -> Vec<(usize, String)> {
        // Outer ones first.
        self.0
            .sort_by_key(|insertion| (insertion.range.start, Reverse(insertion.range.end)));
        let (points, parts): (Vec<_>, Vec<_>) = self
            .0
            .into_iter()
            .partition(|insertion| insertion.range.is_empty());
        let ends = parts.iter().rev();
        let ends = ends.map(|part| (part.range.end, part.after.clone()));
        let points = points.into_iter();
        let points = points.map(|point| (point.range.start, point.before));
        let starts = parts.iter();
        let starts = starts.map(|part| (part.range.start, part.before.clone()));
        let mut texts: Vec<_> = ends.chain(points).chain(starts).collect();
        // A stable sort: at the same place, ends come before starts.
        texts.sort_by_key(|(at, _)| *at);
        texts
    }

    /// Returns `text` with the texts inserted.
    pub fn applied_to(self, text: &str) -> String {
        let mut applied = String::new();
        let mut done = 0;
        for (at, inserted) in self.in_order() {
            applied.push_str(&text[done..at]);
            applied.push_str(&inserted);
            done = at;
        }
        applied + &text[done..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_the_same_bytes_is_nested() {
        let mut insertions = Insertions::default();
        insertions.around(0..1, "(*", ")");
        insertions.around(0..3, "{", "}");
        insertions.around(0..3, "<", ">");
        insertions.at(3, ", ");
        insertions.around(2..3, "[", "]");
        assert_eq!(insertions.applied_to("a.bc"), "{<(*a).[b]>}, c");
    }
}
