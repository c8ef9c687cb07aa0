//! Finds out what a variable borrows from, once all that is anchored.

use super::Planner;
use crate::engine::cell::references;
use crate::engine::session::{Loan, Reason, Variable};
use std::collections::BTreeSet;

/// What is known about what a variable borrows from.
pub(super) enum Loans {
    Known(Vec<Loan>),
    /// Something must be settled first.
    Open,
    /// The variable cannot persist.
    Impossible,
}

impl Planner<'_> {
    /// Returns what a borrowing variable borrows from, once all that is anchored.
    pub(super) fn loans(&mut self, borrower: &str) -> Loans {
        if self.answer.conflicts.contains_key(borrower)
            || self.learned.borrowing.contains_key(borrower)
        {
            return Loans::Impossible;
        }
        if !self.learned.touched.contains(borrower) {
            self.open.touched.insert(borrower.to_owned());
            let parts = self.parts_to_touch(borrower);
            self.open.touched_parts.extend(parts);
            let ty = self.type_with_lifetimes(borrower);
            let types = &mut self.open.touched_types;
            types.extend(ty.map(|ty| (borrower.to_owned(), ty)));
            return Loans::Open;
        }
        let exclusive = self
            .answer
            .exclusive
            .get(borrower)
            .cloned()
            .unwrap_or_default();
        let mut lenders = self
            .answer
            .lenders
            .get(borrower)
            .cloned()
            .unwrap_or_default();
        if lenders.contains(borrower) && self.learned.anchors.contains_key(borrower) {
            return match self.anchor_older(borrower) {
                Loans::Impossible => self.leak(borrower),
                older => older,
            };
        }
        // Nothing can be tied to itself.
        if lenders.contains(borrower) && !self.is_here(borrower) {
            return self.leak_earlier(borrower);
        }
        if lenders.is_empty() {
            return Loans::Impossible;
        }
        lenders.extend(exclusive.iter().cloned());
        let mut through = self.reborrowed(borrower);
        lenders.extend(through.iter().cloned());
        through.extend(exclusive.iter().cloned());
        // What it borrows through another borrower is that one's loan.
        let lifetimes = self.lifetimes(borrower, &through);
        for through in &through {
            for lender in self.lenders_of(through) {
                if !lifetimes.contains_key(&lender) {
                    lenders.remove(&lender);
                }
            }
        }
        let parts = self.parts_behind(&exclusive);
        if !parts.is_empty() {
            self.open.touched_parts.extend(parts);
            return Loans::Open;
        }
        let rivals = self.repeated_borrowers(&exclusive, borrower);
        if !rivals.is_empty() {
            self.open.due.extend(rivals);
            return Loans::Open;
        }
        let mut is_open = false;
        for lender in &lenders {
            match self.anchor(lender, borrower) {
                Some(true) => {}
                Some(false) => is_open = true,
                None if lender == borrower => return self.leak(borrower),
                None => return Loans::Impossible,
            }
        }
        if is_open {
            return Loans::Open;
        }
        let loan = |lender: String| Loan {
            is_exclusive: exclusive.contains(&lender),
            parts: self.lent_parts(&lender, borrower),
            lifetimes: lifetimes.get(&lender).cloned().unwrap_or_default(),
            lender,
        };
        Loans::Known(lenders.into_iter().map(loan).collect())
    }

    /// Returns the exclusive references from which a variable borrows what they point to, shared: rustc names only what they borrow
    /// from themselves.
    fn reborrowed(&self, borrower: &str) -> BTreeSet<String> {
        let shared = self.answer.shared.get(borrower).into_iter().flatten();
        shared
            .filter(|name| self.borrows_exclusively(name))
            .cloned()
            .collect()
    }

    /// Whether a variable borrows something exclusively, so that this can be changed through the variable.
    pub(super) fn borrows_exclusively(&self, name: &str) -> bool {
        let known = self.answer.exclusive.get(name);
        let shown = self.answer.types.get(name);
        let earlier = self.session.variable(name);
        let mut loans = earlier.iter().flat_map(|variable| &variable.loans);
        match self.is_here(name) {
            true => {
                known.is_some_and(|lenders| !lenders.is_empty())
                    || shown.is_some_and(|shown| shown.starts_with("&mut "))
            }
            false => loans.any(|loan| loan.is_exclusive),
        }
    }

    /// Returns the variables of repeated `let`s that borrow from these, which a borrower has for itself. A cell that repeats such a
    /// `let` could not use the borrower, which may even have borrowed through it.
    fn repeated_borrowers(&self, lenders: &BTreeSet<String>, borrower: &str) -> BTreeSet<String> {
        let repeated = self.session.deferred.iter().filter(|deferred| {
            deferred.reason == Reason::Borrows
                && deferred.cell != self.number
                && !deferred.defines(borrower)
                && lenders.iter().any(|name| deferred.borrows_from(name))
        });
        let variables = repeated.flat_map(|deferred| &deferred.variables);
        let names = variables.map(|(name, _)| name.clone());
        names
            .filter(|name| !self.learned.loose.contains(name) && !self.is_here(name))
            .collect()
    }

    /// Returns what a variable borrows from, also through others and by repeated `let`s.
    pub(super) fn lenders_of(&self, name: &str) -> BTreeSet<String> {
        let mut lenders = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            for lender in self.direct_lenders(&name) {
                if lenders.insert(lender.clone()) {
                    open.push(lender);
                }
            }
        }
        lenders.retain(|lender| !self.session.is_repeated(lender));
        lenders
    }

    /// Returns the variables that the cell leaves, and then those of earlier cells.
    pub(super) fn stored_variables(&self) -> impl Iterator<Item = &Variable> {
        let left = self.plan.left.iter().map(|left| &left.variable);
        left.chain(&self.session.variables)
    }

    fn direct_lenders(&self, name: &str) -> Vec<String> {
        let mut variables = self.stored_variables();
        if let Some(variable) = variables.find(|variable| variable.name == name) {
            let loans = variable.loans.iter();
            return loans.map(|loan| loan.lender.clone()).collect();
        }
        let mut repeated = self.session.deferred.iter();
        let repeated =
            repeated.find(|deferred| deferred.reason == Reason::Borrows && deferred.defines(name));
        let read = repeated.map_or(Vec::new(), |deferred| {
            references(&deferred.text, self.cell.edition)
        });
        let is_variable =
            |name: &String| self.session.variable(name).is_some() || self.session.is_repeated(name);
        let names = read.into_iter().map(|reference| reference.name);
        names.filter(is_variable).collect()
    }
}
