//! Plans the variables of deferred `let`s that the cell completes.

use super::super::deferred_lets::defer;
use super::Planner;
use crate::engine::cell::{Let, Value, names};
use crate::engine::rustc::{Type, as_written, is_open};
use crate::engine::session::{Deferred, Reason};

impl Planner<'_> {
    /// Plans a deferred `let` of an earlier cell: this cell completes it, or it stays deferred.
    pub(super) fn plan_waiting(&mut self, deferred: &Deferred) {
        let borrows = deferred
            .variables
            .iter()
            .any(|(name, _)| self.borrowing(name).is_some());
        if borrows
            && let Some(binding) = Let::read(&deferred.text)
            && deferred.variables.iter().all(|(name, _)| {
                self.can_be_repeated(&binding, name) && !self.learned.due.contains(name)
            })
            && !self.is_lent(&binding)
        {
            let now = defer(&binding, Reason::Borrows, self.cell, deferred.cell);
            return self.plan.deferred.push(now);
        }
        // A `let` without a value gets it in the cell.
        let binding = Let::read(&deferred.text).filter(|binding| binding.value != Value::None);
        if binding.is_some() && !deferred.can_leave() && !self.is_inner(deferred) {
            self.plan.hoisted.push(deferred.clone());
        }
        for (name, is_mut) in &deferred.variables {
            if self.is_here(name) {
                continue;
            }
            if self.answer.uninitialised.contains(name) {
                if deferred.variables.len() > 1 && deferred.has_no_value() {
                    self.declare(name, *is_mut, deferred.cell);
                }
                continue;
            }
            if self.answer.moved.contains(name) {
                self.plan_moved(name, *is_mut);
            } else if let Some(message) = self.borrowing(name).cloned() {
                self.plan_borrower(name, *is_mut, binding.as_ref(), &message);
            } else {
                self.plan_kept(name, *is_mut, binding.as_ref());
            }
        }
    }

    /// Whether a deferred `let` must run inside of the function around the cell. That cannot anchor what is defined outside of it,
    /// nor move what others borrow from there. The `let` may also read a variable of another one that runs inside, or that a
    /// repeated statement changes.
    fn is_inner(&self, deferred: &Deferred) -> bool {
        let mut variables = deferred.variables.iter();
        let is_held = variables.any(|(name, _)| {
            self.learned.anchors.contains_key(name) || self.answer.conflicts.contains_key(name)
        });
        let waiting = self.session.deferred.iter();
        let mut inner = waiting.clone().filter(|other| {
            other.reason == Reason::Unfinished
                && *other != deferred
                && !self.plan.hoisted.contains(other)
        });
        let reads = |other: &Deferred| {
            let mut variables = other.variables.iter();
            variables.any(|(name, _)| deferred.reads(name))
        };
        let is_waiting = |name: &String| waiting.clone().any(|other| other.defines(name));
        let is_changed_by = |other: &Deferred| {
            let mut shared = other.mentions.intersection(&deferred.mentions);
            other.variables.is_empty() && shared.any(is_waiting)
        };
        // Statements run inside.
        let mut before = waiting.clone().take_while(|other| *other != deferred);
        is_held || inner.any(reads) || before.any(is_changed_by)
    }

    /// Defers the declaration of a variable without a value, one of several that a `let` declares.
    pub(super) fn declare(&mut self, name: &str, is_mut: bool, cell: u32) {
        let shown = self.answer.types.get(name);
        let is_settled = |shown: &&String| !is_open(shown) && !shown.contains('{');
        let ty = match shown.filter(is_settled).map(|shown| as_written(shown)) {
            Some(Type::Named(ty)) => format!(": {ty}"),
            _ => String::new(),
        };
        let mutable = if is_mut { "mut " } else { "" };
        let text = format!("let {mutable}{name}{ty};");
        self.plan.deferred.push(Deferred {
            mentions: names(&text, self.cell.edition),
            text,
            variables: vec![(name.to_owned(), is_mut)],
            reason: Reason::Unfinished,
            cell,
        });
    }
}
