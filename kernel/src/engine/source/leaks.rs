//! Values that the cell leaks, since some of its variables borrow them and would outlive them.

use super::insertions::Insertions;
use super::place::is_inside;
use crate::engine::cell::BindingByMove;
use std::ops::Range;

/// What makes a value a place that lives on, before it and after it.
const LEAK: (&str, &str) = ("(*::threadbook_cell::leak(", "))");

/// The function that stands in place of `pin!`.
const PINNED: &str = "::threadbook_cell::pinned";

#[derive(Debug)]
pub struct Leaks {
    /// The bytes in the cell of the values: borrowed temporaries, and values of which a pattern also moves parts.
    pub values: Vec<Range<usize>>,
    /// The bindings that move these parts. Nothing can be moved out of a leaked value, so they are read from it.
    pub by_move: Vec<BindingByMove>,
    /// The bytes of each `pin!`, with the `!`, that pins a temporary.
    pub pins: Vec<Range<usize>>,
}

impl Leaks {
    pub const fn none() -> Leaks {
        Leaks {
            values: Vec::new(),
            by_move: Vec::new(),
            pins: Vec::new(),
        }
    }

    /// Adds what leaks the values in these bytes of the cell.
    pub fn add(&self, insertions: &mut Insertions, bytes: &Range<usize>) {
        let values = self.values.iter();
        for range in values.filter(|range| is_inside(bytes, range)) {
            insertions.around(
                range.start - bytes.start..range.end - bytes.start,
                LEAK.0,
                LEAK.1,
            );
        }
        let pins = self.pins.iter();
        for range in pins.filter(|range| is_inside(bytes, range)) {
            let range = range.start - bytes.start..range.end - bytes.start;
            insertions.instead(range, PINNED);
        }
        let by_move = self.by_move.iter();
        for bound in by_move.filter(|bound| bytes.contains(&bound.start)) {
            insertions.at(bound.start - bytes.start, "ref ");
        }
    }

    /// Returns the statements after the one in these bytes that read what its bindings move out of a leaked value.
    pub fn reads_after(&self, statement: &Range<usize>) -> String {
        let there = self.by_move.iter();
        let there = there.filter(|bound| statement.contains(&bound.start));
        // SAFETY of the generated `read`: the leaked value is never dropped, and no other binding refers to this part of it.
        let read = there.map(|BindingByMove { name, is_mut, .. }| {
            let mutable = if *is_mut { "mut " } else { "" };
            format!("let {mutable}{name} = unsafe {{ ::std::ptr::read({name}) }};\n")
        });
        read.collect()
    }
}
