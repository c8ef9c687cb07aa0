//! Texts inserted into another one, or in place of parts of it.

use std::cmp::Reverse;
use std::ops::Range;

/// Texts to insert around parts of a text, which are nested or apart.
#[derive(Debug, Default)]
pub struct Insertions {
    around: Vec<Insertion>,
    instead: Vec<(Range<usize>, String)>,
}

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
        self.around.push(Insertion {
            range,
            before: before.into(),
            after: after.into(),
        });
    }

    /// Adds a text at this byte, outside of the parts that end or begin there.
    pub fn at(&mut self, at: usize, text: impl Into<String>) {
        self.around(at..at, text, "");
    }

    /// Replaces these bytes.
    pub fn instead(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.instead.push((range, text.into()));
    }

    /// Returns the texts, each with the bytes in place of which it stands, in their order.
    pub fn in_order(mut self) -> Vec<(Range<usize>, String)> {
        // Outer ones first.
        self.around
            .sort_by_key(|insertion| (insertion.range.start, Reverse(insertion.range.end)));
        let (points, parts): (Vec<_>, Vec<_>) = self
            .around
            .into_iter()
            .partition(|insertion| insertion.range.is_empty());
        let ends = parts.iter().rev();
        let ends = ends.map(|part| (part.range.end, part.after.clone()));
        let points = points.into_iter();
        let points = points.map(|point| (point.range.start, point.before));
        let starts = parts.iter();
        let starts = starts.map(|part| (part.range.start, part.before.clone()));
        let inserted = ends.chain(points).chain(starts);
        let inserted = inserted.map(|(at, text)| (at..at, text));
        let mut texts: Vec<_> = inserted.chain(self.instead).collect();
        // A stable sort: at the same place, ends come before starts.
        texts.sort_by_key(|(range, _)| range.start);
        texts
    }

    /// Returns `text` with the texts inserted.
    pub fn applied_to(self, text: &str) -> String {
        let mut applied = String::new();
        let mut done = 0;
        for (range, inserted) in self.in_order() {
            applied.push_str(&text[done..range.start]);
            applied.push_str(&inserted);
            done = range.end;
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
        insertions.instead(3..4, "d");
        assert_eq!(insertions.applied_to("a.bc"), "{<(*a).[b]>}, d");
    }
}
