//! Commits a finished cell to the notebook's session.

use super::cell::Cell;
use super::compile::Ready;
use super::compile::changed;
use super::compile::plan::Plan;
use super::rustc::split;
use super::session::{
    Deferred, Loan, Openness, Reason, Selection, Session, Variable, hidden_name, moved_by,
};
use super::source::PersistedVariable;
use ra_ap_parser::Edition;
use std::collections::{BTreeMap, BTreeSet};

impl Ready {
    /// Returns the session after cell `number` has run. Without `is_done` the cell did not reach its end and left no variables.
    pub fn commit(self, number: u32, is_done: bool) -> Session {
        let Ready {
            mut session,
            cell,
            selection,
            mut plan,
            ..
        } = self;
        for item in &selection.items {
            session.statics.export(item);
        }
        let pinned = plan.pinned.iter();
        session.to_forget = pinned.map(|left| left.variable.name.clone()).collect();
        for variable in &mut session.variables {
            let mut selected = selection.variables.iter();
            let selected = selected.find(|other| other.name == variable.name);
            if let Some(anchored) = selected.filter(|other| other.is_anchored) {
                (variable.is_anchored, variable.openness) = (true, Openness::Settled);
                variable.is_leaked = anchored.is_leaked;
            }
            if let Some(ty) = plan.numbers.get(&variable.name) {
                (variable.ty, variable.shown) = (ty.clone(), ty.clone());
                variable.openness = Openness::Settled;
            }
        }
        let is_stored = |name: &String| plan.left.iter().any(|left| left.variable.name == *name);
        for name in plan
            .moved
            .iter()
            .filter(|name| !is_done || !is_stored(name))
        {
            if let Some(variable) = session.variable(name).cloned() {
                session.end(name, variable.cell, &moved_by(number));
                if variable.is_mut && variable.loans.is_empty() {
                    session.wait(Deferred::declared(name, &variable.ty, variable.cell));
                }
            }
        }
        session.find(std::mem::take(&mut plan.found));
        if is_done {
            session.take_over(&cell, number, &selection, plan);
        }
        session
    }
}

impl Session {
    /// Renames a variable whose name cell `number` reuses, also in the repeated `let`s that borrow from it and in the macros that name it.
    fn rename(&mut self, name: &str, other: &str, number: u32, edition: Edition) {
        let rename = |place: &String| place.replacen(name, other, 1);
        let mut cell = None;
        for variable in self
            .variables
            .iter_mut()
            .filter(|variable| variable.name == name)
        {
            variable.name = other.to_owned();
            cell = Some(variable.cell);
            variable.moved_parts = variable.moved_parts.iter().map(rename).collect();
            variable.places_left = variable.places_left.iter().map(rename).collect();
        }
        let loans = self
            .variables
            .iter_mut()
            .flat_map(|variable| &mut variable.loans);
        for loan in loans.filter(|loan| loan.lender == name) {
            loan.lender = other.to_owned();
            loan.parts = loan.parts.iter().map(rename).collect();
        }
        let deferred = self.deferred.iter_mut();
        for reader in deferred.filter(|deferred| deferred.needs(name)) {
            reader.rename_lender(name, other, edition);
        }
        if let Some(cell) = cell {
            self.rename_in_macros(name, other, cell..number, edition);
        }
    }

    /// Gives a variable whose `let` is repeated another name if others borrow from it or have their values from the same `let`,
    /// since a cell has reused its name.
    fn rename_repeated(
        &mut self,
        name: &str,
        defined: &BTreeSet<String>,
        number: u32,
        edition: Edition,
    ) {
        let is_lent = self
            .deferred
            .iter()
            .any(|borrower| borrower.borrows_from(name));
        let is_earlier = |deferred: &&mut Deferred| {
            let is_used = is_lent && deferred.reason == Reason::Borrows;
            let mut variables = deferred.variables.iter();
            let has_others = variables.any(|(other, _)| !defined.contains(other));
            deferred.cell != number && deferred.defines(name) && (is_used || has_others)
        };
        let Some(lender) = self.deferred.iter_mut().find(is_earlier) else {
            return;
        };
        let other = hidden_name(name, lender.cell);
        if lender.rename(name, &other) {
            let borrowers = self.deferred.iter_mut();
            for borrower in borrowers.filter(|borrower| borrower.borrows_from(name)) {
                borrower.rename_lender(name, &other, edition);
            }
        }
    }

    /// Adds the variables and items of a cell that has reached its end.
    fn take_over(&mut self, cell: &Cell, number: u32, selection: &Selection, plan: Plan) {
        for (name, other) in &plan.renamed {
            self.rename(name, other, number, cell.edition);
        }
        let defined: BTreeSet<String> = cell
            .variables()
            .into_iter()
            .map(|(_, name, _)| name.to_owned())
            .collect();
        for name in &defined {
            self.rename_repeated(name, &defined, number, cell.edition);
        }
        // A repeated `let` that borrows from a replaced variable would now mean something else.
        let stored: BTreeSet<&String> = plan.left.iter().map(|left| &left.variable.name).collect();
        let moved = plan.moved.iter().filter(|name| !stored.contains(name));
        let changed: BTreeSet<&String> = defined.iter().chain(moved).collect();
        let (rest, gone) = std::mem::take(&mut self.deferred)
            .into_iter()
            .partition(|deferred| {
                let is_hidden = !deferred.variables.is_empty()
                    && deferred
                        .variables
                        .iter()
                        .all(|(name, _)| defined.contains(name))
                    && deferred.cell != number;
                let has_lost = deferred.reason == Reason::Borrows
                    && changed.iter().any(|name| deferred.reads(name));
                !is_hidden && !has_lost
            });
        self.deferred = rest;
        for deferred in gone {
            for (name, _) in deferred.variables {
                self.end(
                    &name,
                    deferred.cell,
                    &format!("cell {number} changed a variable that it borrows from"),
                );
            }
        }
        for name in &defined {
            if let Some(old) = self.variable(name).map(|old| old.cell) {
                self.end(
                    name,
                    old,
                    &format!("cell {number} defined another variable of that name"),
                );
            }
            self.ended.remove(name);
        }
        for (name, why) in plan.ends {
            self.deferred.retain(|deferred| !deferred.defines(&name));
            self.end(&name, number, &why);
        }
        self.end_outdated(cell, number, selection);
        for variable in &mut self.variables {
            if variable.is_mut && selection.variables.contains(variable) {
                let openness = std::mem::take(&mut variable.openness);
                variable.openness = openness.of_changed();
            }
        }
        for text in &plan.items {
            self.add_items(text, number);
        }
        for left in plan.left {
            let traits = left
                .variable
                .shown
                .strip_prefix("impl ")
                .unwrap_or_default();
            for of in split(traits, '+') {
                let of = of.split('<').next().unwrap_or_default();
                self.forward(of, &left.variable.ty, number);
            }
            if plan.begin_to_borrow.contains(&left.variable.name) {
                self.lend_to_sharers(&left.variable);
            }
            self.keep(left.variable);
        }
        self.note_moved_parts(&defined, selection, plan.parts, plan.earlier_parts);
        for deferred in plan.deferred {
            self.wait(deferred);
        }
    }

    /// Ends the variables of `let`s that wait for their types, if the cell has changed what they read: they would see the change.
    fn end_outdated(&mut self, cell: &Cell, number: u32, selection: &Selection) {
        let waits = |deferred: &Deferred| {
            let is_here = deferred.cell == number || selection.deferred.contains(deferred);
            deferred.reason == Reason::Unfinished && !deferred.variables.is_empty() && !is_here
        };
        if !self.deferred.iter().any(waits) {
            return;
        }
        let texts = cell.ranges().map(|range| &cell.code[range.clone()]);
        let changed: BTreeSet<String> = texts
            .flat_map(|text| changed(text, &BTreeMap::new(), self, cell.edition))
            .filter(|name| self.variable(name).is_some_and(|found| found.is_mut))
            .collect();
        let reads_changed = |deferred: &Deferred| {
            let mut changed = changed.iter().filter(|_| waits(deferred));
            changed.find(|name| deferred.needs(name)).cloned()
        };
        let (outdated, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.deferred)
            .into_iter()
            .map(|deferred| (reads_changed(&deferred), deferred))
            .partition(|(changed, _)| changed.is_some());
        self.deferred = rest.into_iter().map(|(_, deferred)| deferred).collect();
        for (changed, deferred) in outdated {
            for (name, _) in deferred.variables {
                let read = changed.as_deref().unwrap_or_default();
                let why = format!(
                    "cell {number} changed `{read}`, which it reads, before its type was known; write the type where it is made, as in `let {name}: u32`"
                );
                self.end(&name, deferred.cell, &why);
            }
        }
    }

    /// Records what a variable has begun to borrow for those that may share its value, too.
    fn lend_to_sharers(&mut self, borrower: &Variable) {
        let others = self.variables.iter_mut();
        let others =
            others.filter(|other| other.name != borrower.name && other.may_share_with(borrower));
        for other in others {
            let lent = borrower
                .loans
                .iter()
                .filter(|loan| !other.borrows_from(&loan.lender) && loan.lender != other.name);
            // Its type may have other lifetimes.
            let lent = lent.map(|loan| Loan {
                lifetimes: BTreeSet::new(),
                ..loan.clone()
            });
            let lent: Vec<_> = lent.collect();
            other.loans.extend(lent);
        }
    }

    /// Notes which parts the cell has moved out of the variables that it defines or uses.
    fn note_moved_parts(
        &mut self,
        defined: &BTreeSet<String>,
        selection: &Selection,
        parts: BTreeMap<String, BTreeSet<String>>,
        earlier_parts: BTreeMap<String, BTreeSet<String>>,
    ) {
        let mut variables = std::mem::take(&mut self.variables);
        for variable in &mut variables {
            let name = &variable.name;
            let is_selected = selection.variables.iter().any(|other| other.name == *name);
            let moved = match defined.contains(name) {
                true => Some(&parts),
                false => is_selected.then_some(&earlier_parts),
            };
            if let Some(moved) = moved {
                variable.moved_parts = moved.get(name).cloned().unwrap_or_default();
                variable.places_left = self.places_left(variable);
            }
        }
        self.variables = variables;
    }

    /// Adds the variables of deferred `let`s that a cell has completed, and drops the statements deferred with them.
    fn find(&mut self, found: Vec<PersistedVariable>) {
        let names: BTreeSet<String> = found
            .iter()
            .map(|left| left.variable.name.clone())
            .collect();
        self.deferred.retain(|deferred| {
            !deferred.variables.is_empty() || deferred.mentions.is_disjoint(&names)
        });
        for left in found {
            self.keep(left.variable);
        }
    }

    fn keep(&mut self, variable: Variable) {
        let name = &variable.name;
        self.variables.retain(|other| other.name != *name);
        self.ended.remove(name);
        self.to_forget.retain(|other| other != name);
        self.deferred
            .retain(|deferred| deferred.reason == Reason::Borrows || !deferred.defines(name));
        self.variables.push(variable);
    }
}
