//! Plans variables that borrow from others: these are anchored, and the loan is recorded, so that later cells tie the two together
//! again.

use super::super::ends::{borrows_from, taken_back};
use super::Planner;
use super::loans::Loans;
use crate::engine::cell::Let;
use crate::engine::rustc::lender;
use crate::engine::session::{Loan, Openness, Selection, Variable};
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
                let is_due = self.learned.due.contains(name) && !self.is_here(name);
                let conflict = self.answer.conflicts.get(name);
                let why = match conflict.and_then(|conflict| lender(conflict)) {
                    Some(lender) if is_due => taken_back(lender, self.number),
                    _ => borrows_from(message),
                };
                if is_due && conflict.is_none() {
                    self.open.not_due.insert(name.to_owned());
                } else if is_due && !self.is_read(name) {
                    self.open.ended.insert(name.to_owned(), why);
                } else {
                    self.plan.ends.insert(name.to_owned(), why);
                    self.drop_early(name);
                }
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
                    let probed = self.learned.touched_types.get(name);
                    let is_probed = probed.is_none_or(|ty| *ty == left.variable.ty);
                    let all = |loan: Loan| Loan {
                        lifetimes: BTreeSet::new(),
                        ..loan
                    };
                    left.variable.loans = match is_probed {
                        true => loans,
                        false => loans.into_iter().map(all).collect(),
                    };
                    let openness = std::mem::take(&mut left.variable.openness);
                    left.variable.openness = openness.of_borrower();
                }
            }
        }
    }

    /// Whether the cell, or a `let` that it may repeat, reads a variable.
    fn is_read(&self, name: &str) -> bool {
        let mut deferred = self.session.deferred.iter();
        self.cell.names().contains(name) || deferred.any(|deferred| deferred.reads(name))
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
        let named = selection.used_names(self.cell);
        let used = self.session.with_lenders(named.clone());
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
            if is_same && !self.may_borrow_more(variable, &named) {
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
    fn may_borrow_more(&self, borrower: &Variable, used: &BTreeSet<String>) -> bool {
        // No later cell can name what this one hides.
        let loans = borrower
            .loans
            .iter()
            .filter(|loan| !self.is_here(&loan.lender));
        let mut in_parts = loans.filter(|loan| !loan.parts.is_empty());
        in_parts.any(|loan| used.contains(&loan.lender))
    }

    /// Plans the variables of earlier cells that the cell takes and stores itself: see `Program::inside`.
    pub(super) fn plan_inside(&mut self, selection: &Selection) {
        let used = selection.used_names(self.cell);
        let is_used = |name: &String| used.contains(name);
        let meet = |variable: &&Variable| {
            let ends_loan = self.plan.ends.contains_key(&variable.name)
                || self.answer.reassigned.contains(&variable.name)
                || self.is_here(&variable.name);
            let mut loans = variable.loans.iter();
            let meets_lender = is_used(&variable.name)
                && loans.any(|loan| {
                    let lenders = BTreeSet::from([loan.lender.clone()]);
                    let lenders = self.session.with_lenders(lenders);
                    (loan.is_exclusive || ends_loan) && lenders.iter().any(is_used)
                });
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
        self.keep_inside(&inside);
        self.plan.inside = inside;
    }

    /// Plans to run the deferred `let`s inside of the function around the cell that read these variables, which exist only there.
    fn keep_inside(&mut self, inside: &BTreeSet<String>) {
        let mut inner = inside.clone();
        self.plan.hoisted.retain(|deferred| {
            let reads_inner = inner.iter().any(|name| deferred.reads(name));
            let variables = deferred.variables.iter().filter(|_| reads_inner);
            inner.extend(variables.map(|(name, _)| name.clone()));
            !reads_inner
        });
        let found = self
            .plan
            .found
            .extract_if(.., |found| inner.contains(&found.variable.name));
        self.plan.left.extend(found);
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
}
