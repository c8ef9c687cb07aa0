//! Plans variables that borrow from others: these are anchored, and the loan is recorded, so that later cells tie the two together
//! again.

use super::super::deferred_lets::is_repeatable;
use super::Planner;
use super::loans::Loans;
use crate::engine::cell::{Let, names};
use crate::engine::rustc::lender;
use crate::engine::session::{Openness, Selection, Variable};
use crate::engine::source::PersistedVariable;
use std::collections::BTreeSet;

impl Planner<'_> {
    /// Plans a variable that gets its value in the cell and borrows from others.
    pub(super) fn plan_borrower(
        &mut self,
        name: &str,
        is_mut: bool,
        binding: Option<&Let>,
        message: &str,
    ) {
        match self.loans(name) {
            Loans::Open => {}
            Loans::Impossible => {
                self.plan
                    .ends
                    .insert(name.to_owned(), borrows_from(message));
                self.drop_early(name);
            }
            Loans::Known(loans) => {
                let written = binding.and_then(|binding| binding.written.as_ref());
                match written.filter(|_| self.is_here(name)) {
                    // It may tell lifetimes apart that rustc does not show.
                    Some(written) => self.plan_written(name, is_mut, written),
                    None => self.plan_kept(name, is_mut, binding),
                }
                let mut left = self.plan.left.iter_mut().chain(&mut self.plan.found);
                if let Some(left) = left.find(|left| left.variable.name == name) {
                    left.variable.loans = loans;
                    let openness = std::mem::take(&mut left.variable.openness);
                    left.variable.openness = openness.of_borrower();
                }
            }
        }
    }

    /// Plans to drop a borrowing variable before what it borrows from is stored, if it is still used until then: its `Drop` would
    /// use it at the end of the cell.
    pub(super) fn drop_early(&mut self, name: &str) {
        if !self.answer.conflicts.contains_key(name) && !self.lends_to_itself(name) {
            self.plan.dropped.insert(name.to_owned());
        }
    }

    /// Ends the variables that borrow from others which end though nothing can move them.
    pub(super) fn end_borrowers(&mut self) {
        let lender = |left: &PersistedVariable, planner: &Self| {
            let mut loans = left.variable.loans.iter();
            let is_gone =
                |name: &str| planner.plan.ends.contains_key(name) && planner.lends_to_itself(name);
            let found = loans.find(|loan| is_gone(&loan.lender))?;
            Some(found.lender.clone())
        };
        let borrowers = self.plan.left.iter();
        let borrowers =
            borrowers.filter_map(|left| Some((left.variable.name.clone(), lender(left, self)?)));
        for (name, lender) in borrowers.collect::<Vec<_>>() {
            self.plan.left.retain(|left| left.variable.name != name);
            let why = format!("`{lender}`, from which it borrowed, is gone");
            self.plan.ends.insert(name.clone(), why);
            self.drop_early(&name);
        }
    }

    fn lends_to_itself(&self, name: &str) -> bool {
        let lenders = self.answer.lenders.get(name);
        lenders.is_some_and(|lenders| lenders.contains(name))
    }

    /// Plans the variables of earlier cells that borrow from more than before, or from what this cell changes.
    pub(super) fn plan_borrowing_earlier(&mut self, selection: &Selection) {
        let used = self.cell.names();
        for variable in &selection.variables {
            let name = &variable.name;
            let Some(message) = self
                .answer
                .borrowing
                .get(name)
                .filter(|_| !self.is_here(name))
                .cloned()
            else {
                continue;
            };
            if let Some(conflict) = self.answer.conflicts.get(name) {
                let why = match lender(conflict) {
                    Some(lender) => taken_back(lender, self.number),
                    None => borrows_from(conflict),
                };
                if used.contains(name) {
                    self.plan.ends.insert(name.clone(), why);
                    self.plan.moved.insert(name.clone());
                } else {
                    self.open.ended.insert(name.clone(), why);
                }
                continue;
            }
            let known = self.lenders_of(name);
            let lenders = self.answer.lenders.get(name);
            let is_same =
                lenders.is_some_and(|lenders| !lenders.is_empty() && lenders.is_subset(&known));
            if is_same && !self.may_borrow_more(variable, selection) {
                continue;
            }
            self.plan.begin_to_borrow.insert(name.clone());
            match self.loans(name) {
                Loans::Open => {}
                Loans::Known(loans) if loans == variable.loans => {}
                Loans::Known(loans) => {
                    self.plan.moved.insert(name.clone());
                    self.store(Variable {
                        loans,
                        openness: Openness::Settled,
                        ..variable.clone()
                    });
                }
                Loans::Impossible => {
                    self.plan.ends.insert(name.clone(), borrows_from(&message));
                    self.plan.moved.insert(name.clone());
                }
            }
        }
    }

    /// Whether a variable of an earlier cell may borrow more parts of a lender than before.
    fn may_borrow_more(&self, borrower: &Variable, selection: &Selection) -> bool {
        let is_used = |name: &str| {
            let mut repeated = selection.deferred.iter();
            self.cell.names().contains(name) || repeated.any(|deferred| deferred.reads(name))
        };
        // No later cell can name what this one hides.
        let loans = borrower
            .loans
            .iter()
            .filter(|loan| !self.is_here(&loan.lender));
        let mut in_parts = loans.filter(|loan| !loan.parts.is_empty());
        in_parts.any(|loan| is_used(&loan.lender))
    }

    /// Plans the variables of earlier cells that the cell takes and stores itself: see `Program::inside`.
    pub(super) fn plan_inside(&mut self, selection: &Selection) {
        let used = self.cell.names();
        let is_used = |name: &String| used.contains(name);
        let meet = |variable: &&Variable| {
            let ends_loan = self.plan.ends.contains_key(&variable.name)
                || self.answer.reassigned.contains(&variable.name)
                || self.is_here(&variable.name);
            let mut loans = variable.loans.iter();
            let meets_lender = is_used(&variable.name)
                && loans.any(|loan| is_used(&loan.lender) && (loan.is_exclusive || ends_loan));
            // The conversion of shared numbers can fail, as a cell can.
            let is_shared = |variable: &Variable| {
                let mentions = variable.mentions();
                !variable.is_anchored && ["Arc", "Rc"].iter().any(|ty| mentions.contains(*ty))
            };
            // What the cell defines does not outlive the function around it.
            let mut left = self.plan.left.iter().map(|left| &left.variable);
            let borrows_here = left.any(|left| {
                let mut loans = left.loans.iter();
                left.name == variable.name && loans.any(|loan| self.is_inside(&loan.lender))
            });
            meets_lender
                || borrows_here
                || self.learned.taken_apart.contains(&variable.name)
                || self.plan.numbers.contains_key(&variable.name) && is_shared(variable)
        };
        let mut inside: BTreeSet<String> = selection
            .variables
            .iter()
            .filter(meet)
            .map(|variable| variable.name.clone())
            .collect();
        loop {
            let before = inside.len();
            for variable in &selection.variables {
                let mut loans = variable.loans.iter();
                if inside.contains(&variable.name) {
                    inside.extend(loans.map(|loan| loan.lender.clone()));
                } else if loans.any(|loan| inside.contains(&loan.lender)) {
                    inside.insert(variable.name.clone());
                }
            }
            if inside.len() == before {
                break;
            }
        }
        for variable in &selection.variables {
            let name = &variable.name;
            let is_hidden = self.is_here(name);
            let loses = variable
                .loans
                .iter()
                .find(|loan| self.is_here(&loan.lender));
            if let Some(loan) = loses.filter(|_| inside.contains(name) && !is_hidden) {
                let why = taken_back(&loan.lender, self.number);
                self.plan.moved.insert(name.clone());
                self.plan.ends.insert(name.clone(), why);
            } else if inside.contains(name) && self.plan.moved.insert(name.clone()) && !is_hidden {
                let mut variable = variable.clone();
                if let Some(ty) = self.plan.numbers.get(name) {
                    variable.ty = ty.clone();
                    variable.openness = Openness::Settled;
                }
                self.store(variable);
            }
        }
        self.plan.inside = inside;
    }

    /// Whether the function around the cell's code defines the variable.
    fn is_inside(&self, name: &str) -> bool {
        let mut hoisted = self.plan.hoisted.iter();
        let waits = self.session.waiting(name).is_some();
        self.is_here(name) || waits && !hoisted.any(|deferred| deferred.defines(name))
    }

    /// Marks the variables that are stored anchored.
    pub(super) fn anchor_left(&mut self) {
        let anchors = &self.learned.anchors;
        for left in &mut self.plan.left {
            let mut anchors = anchors.get(&left.variable.name).into_iter().flatten();
            if let Some(anchor) = anchors.find(|anchor| !anchor.is_hidden) {
                left.variable.is_anchored = true;
                left.variable.is_leaked = anchor.is_leaked;
                left.variable.openness = Openness::Settled;
            }
        }
    }

    fn store(&mut self, variable: Variable) {
        let value = variable.name.clone();
        self.plan.left.push(PersistedVariable { variable, value });
    }

    /// Whether the `let` of a borrowing variable can be repeated in each later cell. What it reads must be the same there: only
    /// what it borrows from may be `mut`, since that cannot change while the variable is in use.
    pub(super) fn can_be_repeated(&self, binding: &Let, name: &str) -> bool {
        let lenders = self.answer.lenders.get(name);
        let is_lender = |other: &str| {
            lenders.is_some_and(|lenders| lenders.contains(other))
                || self.borrowing(name).and_then(|message| lender(message)) == Some(other)
        };
        let mentioned = names(binding.value_text(), self.cell.edition);
        let here = self.cell.variables().into_iter();
        let here = here.map(|(_, other, is_mut)| (other, is_mut, self.answer.types.get(other)));
        let earlier = self.session.variables.iter();
        let earlier = earlier.map(|other| (other.name.as_str(), other.is_mut, Some(&other.ty)));
        let waiting = self.session.deferred.iter();
        let waiting = waiting.flat_map(|deferred| &deferred.variables);
        let waiting = waiting.map(|(other, is_mut)| (other.as_str(), *is_mut, None));
        let mut variables = here
            .chain(earlier)
            .chain(waiting)
            .filter(|(other, ..)| mentioned.contains(*other));
        let is_moved = |name| {
            self.answer.moved.contains(name)
                || self.answer.moved_earlier.contains(name)
                || self.learned.parts.contains_key(name)
                || self.learned.earlier_parts.contains_key(name)
        };
        let is_steady = variables.all(|(other, is_mut, ty)| {
            let shares = ty.is_some_and(|ty| self.session.shares_state(ty));
            !is_moved(other) && (!is_mut || is_lender(other)) && (!shares || binding.is_plain())
        });
        // Others may borrow exclusively through one of the variables while another one is in use.
        let is_split = binding.variables.len() > 1 && binding.value_text().contains("&mut ");
        is_steady && !is_split && is_repeatable(binding, self.cell, self.session)
    }
}

/// Returns why a variable ends that borrows from `lender`, which cell `number` uses.
pub fn taken_back(lender: &str, number: u32) -> String {
    format!("cell {number} changed `{lender}`, from which it borrowed")
}

/// Returns why a borrowing variable ends, given rustc's message.
pub fn borrows_from(message: &str) -> String {
    match lender(message) {
        Some(name) => format!("it borrows from `{name}`, so it lasts only for its cell"),
        None => "it borrows from other variables, so it lasts only for its cell".to_owned(),
    }
}
