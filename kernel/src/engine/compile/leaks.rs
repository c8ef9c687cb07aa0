//! Finds what the cell leaks: values that some of its variables borrow and that would end before them.

use super::Compilation;
use crate::engine::cell::BindingByMove;
use crate::engine::source::Leaks;
use std::ops::Range;

impl Compilation<'_> {
    /// Returns the values that the cell leaks.
    pub(super) fn leaks(&self) -> Leaks {
        let mut values: Vec<Range<usize>> = Vec::new();
        let mut pins: Vec<Range<usize>> = Vec::new();
        let mut by_move: Vec<BindingByMove> = Vec::new();
        let names = self.state.learned.leaks.iter();
        for binding in names.filter_map(|name| self.cell.binding(name)) {
            let start = self.cell.end_of(binding) - binding.text.len();
            let mixed = binding.mixed_bindings();
            let taken_apart = mixed.iter().map(|mixed| mixed.value.clone());
            let temporaries = binding.temporaries().into_iter();
            values.extend(
                temporaries
                    .chain(taken_apart)
                    .map(|value| start + value.start..start + value.end),
            );
            let here = binding.pins().into_iter();
            pins.extend(here.map(|pin| start + pin.start..start + pin.end));
            let bound = mixed.into_iter().flat_map(|mixed| mixed.by_move);
            by_move.extend(bound.map(|bound| BindingByMove {
                start: start + bound.start,
                ..bound
            }));
        }
        // Variables of one pattern have their values in common.
        for ranges in [&mut values, &mut pins] {
            ranges.sort_by_key(|range| (range.start, range.end));
            ranges.dedup();
        }
        by_move.sort_by_key(|bound| bound.start);
        by_move.dedup();
        Leaks {
            values,
            pins,
            by_move,
        }
    }
}
