//! Leaks variables that are borrowed for as long as their own types allow.

use super::Planner;
use super::loans::Loans;
use crate::engine::cell::Let;
use crate::engine::source::Anchor;

impl Planner<'_> {
    /// Whether a borrowing variable can live on because its `let` leaks what it borrows: temporaries, or a value of which the pattern
    /// moves other parts and that nothing uses after that.
    pub(super) fn leaks_value(&self, binding: &Let, name: &str) -> bool {
        let end = self.cell.end_of(binding);
        let is_used_later = |lender: &String| {
            let mut after = self.cell.ranges().filter(|range| range.start >= end);
            after.any(|range| self.cell.mentions(range, lender))
        };
        let lends_to_others = |lender: &String| {
            let mut all = self.answer.lenders.iter();
            all.any(|(other, lenders)| lenders.contains(lender) && !binding.defines(other))
        };
        let is_gone = |lender: &String| {
            let moved = match self.is_here(lender) {
                true => &self.answer.moved,
                false => &self.answer.moved_earlier,
            };
            let is_named_later =
                !binding.defines(lender) && (!moved.contains(lender) || is_used_later(lender));
            !is_named_later && !lends_to_others(lender)
        };
        let lenders = self.answer.lenders.get(name);
        let are_gone = || lenders.is_some_and(|lenders| lenders.iter().all(is_gone));
        binding.borrows_temporary()
            || binding
                .mixed_bindings()
                .is_some_and(|mixed| mixed.is_temporary || are_gone())
    }

    /// Leaks a variable of the cell that is borrowed for as long as its own type allows. That of a `mut` one might end.
    pub(super) fn leak(&mut self, name: &str) -> Loans {
        let known = self.anchors_of(name).find(|anchor| !anchor.is_hidden);
        let anchor = known.cloned().or_else(|| self.first_anchor(name));
        let Some(anchor) = anchor.filter(|anchor| !anchor.is_mut && !anchor.is_leaked) else {
            return Loans::Impossible;
        };
        self.open.leaked_anchors.insert(name.to_owned(), anchor);
        Loans::Open
    }

    /// Returns the anchor of a variable of the cell before the first statement that uses it.
    fn first_anchor(&self, name: &str) -> Option<Anchor> {
        let end = self.cell.end_of(self.cell.binding(name)?);
        let mut after = self.cell.ranges().filter(|range| range.start >= end);
        let first = after.find(|range| self.cell.mentions(range, name))?;
        let is_mut = self.cell.definition_before(name, first.start)?;
        Some(Anchor::at(self.cell, name, first.start, is_mut))
    }

    /// Leaks a variable of an earlier cell that is borrowed for as long as its own type allows.
    pub(super) fn leak_earlier(&mut self, name: &str) -> Loans {
        match self.session.variable(name) {
            Some(variable) if variable.can_be_leaked() && !self.learned.loose.contains(name) => {
                self.open.earlier_leaks.insert(name.to_owned());
                Loans::Open
            }
            _ => Loans::Impossible,
        }
    }
}
