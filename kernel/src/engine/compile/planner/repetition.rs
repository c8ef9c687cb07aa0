//! Decides whether later cells can repeat the `let` of a variable that borrows.

use super::super::deferred_lets::{is_repeatable, type_of};
use super::Planner;
use crate::engine::cell::{Let, Value, names, variables};
use crate::engine::rustc::lender;
use std::collections::BTreeSet;

impl Planner<'_> {
    /// Whether the `let` of a borrowing variable can be repeated in each later cell. What it reads must be the same there: only
    /// what it borrows from exclusively may change, since others cannot do that while the variable is in use.
    pub(super) fn can_be_repeated(&self, binding: &Let, name: &str) -> bool {
        let lenders = self.answer.lenders.get(name);
        let is_lender = |other: &str| {
            lenders.is_some_and(|lenders| lenders.contains(other))
                || self.borrowing(name).and_then(|message| lender(message)) == Some(other)
        };
        let shown = self.answer.types.get(name);
        let borrows_exclusively = shown.is_some_and(|shown| shown.contains("&mut "));
        let mentioned = variables(binding.value_text(), self.cell.edition);
        let here = self.cell.variables().into_iter();
        let here = here.map(|(_, other, is_mut)| (other, is_mut, self.answer.types.get(other)));
        let earlier = self.session.variables.iter();
        let earlier = earlier.map(|other| (other.name.as_str(), other.is_mut, Some(&other.ty)));
        let waiting = self.session.deferred.iter().flat_map(|deferred| {
            let variables = deferred.variables.iter();
            variables.map(|(other, is_mut)| (other.as_str(), *is_mut, Some(&deferred.text)))
        });
        let mut others = here
            .chain(earlier)
            .chain(waiting)
            .filter(|(other, ..)| mentioned.contains(*other));
        let is_moved = |name| {
            self.answer.moved.contains(name)
                || self.answer.moved_earlier.contains(name)
                || self.learned.parts.contains_key(name)
                || self.learned.earlier_parts.contains_key(name)
        };
        // A closure does not call what it captures.
        let is_closure = binding.value == Value::Closure;
        let is_steady = others.all(|(other, is_mut, ty)| {
            let shares = ty.is_some_and(|ty| self.session.shares_state(ty))
                || !is_closure && self.captures_state(other);
            let is_exclusive = ty.is_some_and(|ty| ty.contains("mut"));
            let is_same = match borrows_exclusively {
                true => {
                    is_lender(other)
                        || !is_mut && (!is_exclusive || self.is_borrowed_through(other, lenders))
                }
                false => !is_mut && !is_exclusive && !self.borrows_exclusively(other),
            };
            !is_moved(other) && is_same && (!shares || binding.is_plain())
        });
        // Others may borrow exclusively through one of the variables while another one is in use.
        let is_split = binding.variables.len() > 1 && binding.value_text().contains("&mut ");
        is_steady && !is_split && is_repeatable(binding, self.cell, self.session)
    }

    /// Whether a closure of the cell may read something that others can change.
    fn captures_state(&self, name: &str) -> bool {
        let Some(binding) = self.cell.binding(name) else {
            return false;
        };
        let mentioned = names(binding.value_text(), self.cell.edition);
        let shares = |name: &String| {
            let ty = type_of(name, &self.answer.types, self.session);
            ty.is_some_and(|ty| self.session.shares_state(ty))
        };
        binding.value == Value::Closure
            && (mentioned.iter().any(shares) || self.session.reads_state(&mentioned))
    }

    /// Whether all that a variable borrows from is among these `lenders` of another one, which may thus borrow through it.
    fn is_borrowed_through(&self, through: &str, lenders: Option<&BTreeSet<String>>) -> bool {
        let behind = match self.answer.lenders.get(through) {
            Some(behind) => behind.clone(),
            None => self.lenders_of(through),
        };
        let is_lender = |name: &String| lenders.is_some_and(|lenders| lenders.contains(name));
        !behind.is_empty() && behind.iter().all(is_lender)
    }
}
