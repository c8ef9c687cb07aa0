//! The ends of repeated `let`s. A cell stores their variables if others borrow from these, or if later cells could not repeat the
//! `let`s with the same result.

use super::Compilation;
use super::plan::Plan;
use crate::engine::session::Reason;
use std::collections::BTreeSet;

impl Compilation<'_> {
    /// Lets the cell store the variables of repeated `let`s that read what it moves, according to the plan. A variable may have its
    /// value from there without borrowing it. Returns whether there are any new ones.
    pub(super) fn store_due(&mut self, plan: &Plan) -> bool {
        let is_stored = |name: &String| plan.left.iter().any(|left| left.variable.name == *name);
        let mut moved = plan.moved.clone();
        moved.retain(|name| !is_stored(name));
        // What has changed since the `let` may not even have such a value any more.
        let variables = self.session.variables.iter();
        let changing = variables.filter(|variable| variable.is_mut);
        let mut changing: BTreeSet<String> =
            changing.map(|variable| variable.name.clone()).collect();
        changing.retain(|name| !moved.contains(name));
        let mut due = BTreeSet::new();
        // A `let` follows those whose variables it reads.
        for deferred in &self.session.deferred {
            if deferred.reason != Reason::Borrows || deferred.cell == self.number {
                continue;
            }
            let variables = deferred.variables.iter().map(|(name, _)| name.clone());
            if changing.iter().any(|name| deferred.reads(name)) {
                changing.extend(variables);
            } else if moved.iter().chain(&due).any(|name| deferred.reads(name)) {
                due.extend(variables);
            }
        }
        due.retain(|name| !self.state.learned.loose.contains(name));
        let is_new = !due.is_empty();
        self.store_repeated(due);
        is_new
    }

    /// Lets the cell store these variables of repeated `let`s.
    pub(super) fn store_repeated(&mut self, due: BTreeSet<String>) {
        self.set_reason(&due, Reason::Unfinished);
        self.state.learned.due.extend(due);
    }

    /// Goes on to repeat the `let`s of these variables, which cannot be stored.
    pub(super) fn repeat_again(&mut self, names: &BTreeSet<String>) {
        self.set_reason(names, Reason::Borrows);
        let learned = &mut self.state.learned;
        for name in names {
            learned.due.remove(name);
            learned.anchors.remove(name);
            learned.loose.insert(name.clone());
        }
    }

    fn set_reason(&mut self, names: &BTreeSet<String>, reason: Reason) {
        for deferred in &mut self.session.deferred {
            if names.iter().any(|name| deferred.defines(name)) {
                deferred.reason = reason;
            }
        }
    }

    /// Gives up the `let` of a variable that is due, since it borrows what the cell changes or moves.
    pub(super) fn end_due(&mut self, name: &str, why: &str) {
        let deferred = self.session.deferred.iter();
        let deferred = deferred.filter(|deferred| deferred.defines(name));
        for deferred in deferred.cloned().collect::<Vec<_>>() {
            self.session.deferred.retain(|other| *other != deferred);
            for (name, _) in &deferred.variables {
                self.session.end(name, deferred.cell, why);
                self.state.learned.due.remove(name);
            }
        }
    }
}
