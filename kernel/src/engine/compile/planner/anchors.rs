//! Anchors the variables from which others borrow.

use super::Planner;
use super::loans::Loans;
use crate::engine::cell::{Statement, Value};
use crate::engine::source::Anchor;
use std::collections::BTreeSet;
use std::ops::Range;

impl Planner<'_> {
    /// Returns whether a lender is anchored. If not, it is as of the next attempt; `None` if it cannot be.
    pub(super) fn anchor(&mut self, lender: &str, borrower: &str) -> Option<bool> {
        let known = self.learned;
        let hidden_at = self.place_of_older(lender, borrower);
        if known.anchors.contains_key(lender) && hidden_at.is_none() {
            return Some(true);
        }
        let earlier = self.session.variable(lender);
        if earlier.is_some_and(|earlier| earlier.is_anchored) && !self.is_here(lender) {
            return Some(true);
        }
        let is_loose = known.loose.contains(lender);
        let start = self.cell.start_of(borrower).unwrap_or_default();
        let is_earlier = !self.is_here(lender)
            || self.is_here(borrower) && self.cell.definition_before(lender, start).is_none();
        if self.session.is_repeated(lender) && is_earlier {
            if is_loose {
                return None;
            }
            self.open.due.insert(lender.to_owned());
            return Some(false);
        }
        // Others may have borrowed before.
        let borrowing = self.answer.lenders.iter();
        let others = borrowing.filter(|(other, lenders)| {
            lenders.contains(lender) && !self.answer.conflicts.contains_key(*other)
        });
        let starts = others.filter_map(|(other, _)| self.cell.start_of(other));
        let starts = self.cell.start_of(borrower).into_iter().chain(starts);
        // A borrower that is defined before its lender borrows later.
        let waiting = self.session.waiting(lender);
        let has_value_from = self.has_value_from(lender);
        let is_defined_by = |at: &usize| {
            let is_defined = self.cell.definition_before(lender, *at).is_some()
                || self.session.variable(lender).is_some()
                || waiting.is_some();
            is_defined && *at >= has_value_from
        };
        let start = hidden_at.or_else(|| starts.filter(is_defined_by).min());
        let ranges: Vec<&Range<usize>> = self.cell.ranges().collect();
        // A borrower that shares what it points to with another variable need not be named where it begins to borrow.
        let mut lending = ranges
            .iter()
            .filter(|range| self.cell.mentions(range, lender) && is_defined_by(&range.start));
        let mut both = lending.clone();
        let borrowed_at = start.or_else(|| {
            both.find(|range| self.cell.mentions(range, borrower))
                .or_else(|| lending.next())
                .map(|range| range.start)
        });
        // Otherwise the `let` of an earlier cell borrows.
        let borrowed_at = borrowed_at.or_else(|| (!self.is_here(lender)).then_some(0))?;
        // A statement before that may already have borrowed, even if that does not show in the types.
        let defined_at = self
            .cell
            .end_of_definition(lender, borrowed_at)
            .max(has_value_from);
        let mut after = ranges.iter().filter(|range| range.start >= defined_at);
        let at = after
            .find(|range| self.cell.mentions(range, lender))
            .map_or(borrowed_at, |range| borrowed_at.min(range.start));
        let hidden_from = self.cell.hidden_from(lender, at);
        let here = self.cell.definition_before(lender, at);
        if here.is_none() && hidden_from.is_none() && waiting.is_none() {
            let variable = self.session.variable(lender)?;
            if variable.is_anchored || known.earlier_anchors.contains(lender) {
                return Some(true);
            }
            if is_loose {
                return None;
            }
            self.open.earlier_anchors.insert(lender.to_owned());
            return Some(false);
        }
        if is_loose {
            return None;
        }
        let is_mut = match here.or(waiting) {
            Some(is_mut) => is_mut,
            None => {
                let earlier = self.session.variable(lender)?;
                if earlier.is_anchored {
                    return None;
                }
                earlier.is_mut
            }
        };
        let is_known = self.anchors_of(lender).any(|known| known.range.start == at);
        if is_known {
            return None;
        }
        let shown = self.answer.types.get(lender);
        // To borrow exclusively through a box, the box must be `mut`.
        let is_mut = is_mut || shown.is_some_and(|shown| shown.starts_with("&mut "));
        let anchor = Anchor {
            is_deferred: here.is_none() && waiting.is_some() && has_value_from == 0,
            ..Anchor::at(self.cell, lender, at, is_mut)
        };
        self.open.anchors.insert(lender.to_owned(), vec![anchor]);
        Some(false)
    }

    /// Anchors one more variable of the cell that has the name of the one which borrows from it, and is hidden by it: the last one
    /// that is not yet anchored.
    pub(super) fn anchor_older(&mut self, name: &str) -> Loans {
        let known = self.anchors_of(name);
        let known: BTreeSet<usize> = known.map(|anchor| anchor.range.start).collect();
        let ranges: Vec<&Range<usize>> = self.cell.ranges().collect();
        let first_use = |definition: &Statement| {
            let mut after = ranges
                .iter()
                .filter(|range| range.start >= definition.range.end);
            after
                .find(|range| self.cell.mentions(range, name))
                .map(|range| range.start)
        };
        let last = self
            .definitions(name)
            .filter_map(first_use)
            .rfind(|at| !known.contains(at));
        let older = last.and_then(|at| {
            let anchor = Anchor::at(self.cell, name, at, self.cell.definition_before(name, at)?);
            anchor.is_hidden.then_some(anchor)
        });
        let Some(older) = older else {
            return Loans::Impossible;
        };
        self.open.anchors.insert(name.to_owned(), vec![older]);
        Loans::Open
    }

    /// Returns the start of the statement in which a variable borrows from one of several lenders of one name, unless that one is
    /// anchored.
    fn place_of_older(&self, lender: &str, borrower: &str) -> Option<usize> {
        if self.definitions(lender).count() < 2 {
            return None;
        }
        let borrow = (borrower.to_owned(), lender.to_owned());
        let mut places = self.answer.borrowed_at.get(&borrow)?.iter();
        let is_open = |place: &&usize| {
            let mut anchors = self.anchors_of(lender);
            anchors.all(|anchor| !anchor.range.contains(place))
        };
        let place = places.find(is_open)?;
        let mut ranges = self.cell.ranges();
        let range = ranges.find(|range| range.contains(place))?;
        Some(range.start)
    }

    /// Returns the statements that define a variable of this name.
    fn definitions(&self, name: &str) -> impl DoubleEndedIterator<Item = &Statement> {
        self.cell.statements.iter().filter(move |statement| {
            let binding = statement.binding.as_ref();
            binding.is_some_and(|binding| binding.defines(name))
        })
    }

    /// Returns the anchors of the variables of this name in the cell.
    pub(super) fn anchors_of(&self, name: &str) -> impl Iterator<Item = &Anchor> {
        self.learned.anchors.get(name).into_iter().flatten()
    }

    /// Returns where the statement ends that gives a variable declared without a value its first one; 0 for others.
    fn has_value_from(&self, name: &str) -> usize {
        let mut statements = self.cell.statements.iter();
        let own = statements.find_map(|statement| {
            let binding = statement
                .binding
                .as_ref()
                .filter(|binding| binding.defines(name))?;
            Some((binding.value == Value::None, statement.range.end))
        });
        let mut deferred = self.session.deferred.iter();
        let mut waits =
            || deferred.any(|deferred| deferred.has_no_value() && deferred.defines(name));
        let declared_at = match own {
            Some((true, end)) => end,
            None if waits() => 0,
            _ => return 0,
        };
        let mut after = self
            .cell
            .ranges()
            .filter(|range| range.start >= declared_at);
        let first = after.find(|range| self.cell.mentions(range, name));
        first.map_or(declared_at, |range| range.end)
    }
}
