//! Finds out which lifetime in a variable's type borrows from what.

use super::Planner;
use crate::engine::lifetimes::count_lifetimes;
use crate::engine::rustc::{Type, as_written};
use std::collections::{BTreeMap, BTreeSet};

impl Planner<'_> {
    /// Returns the type of a borrowing variable, if it can be written and has several lifetimes.
    pub(super) fn type_with_lifetimes(&self, borrower: &str) -> Option<String> {
        let found = || match as_written(self.answer.types.get(borrower)?) {
            Type::Named(ty) => Some(ty),
            _ => None,
        };
        let binding = self.cell.binding(borrower);
        let written = binding.and_then(|binding| binding.written.as_ref());
        let earlier = self.session.variable(borrower);
        let ty = match (written, earlier.filter(|_| binding.is_none())) {
            (Some(written), _) => self.session.written_type(written, self.cell.edition),
            (None, Some(earlier)) => earlier.ty.clone(),
            (None, None) => found()?,
        };
        (count_lifetimes(&ty) > 1).then_some(ty)
    }

    /// Returns the lifetimes, by their places in a variable's type, that borrow from each lender by themselves: not only through one
    /// that the variable has `exclusive`ly. None if that is not known for all, or if one of these has such a lender exclusively.
    pub(super) fn lifetimes(
        &self,
        borrower: &str,
        exclusive: &BTreeSet<String>,
    ) -> BTreeMap<String, BTreeSet<usize>> {
        let mut found: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let count = self.learned.touched_types.get(borrower);
        let count = count.map_or(0, |ty| count_lifetimes(ty));
        let errors = self.answer.lifetimes.get(borrower);
        for place in 0..count {
            let lenders = match errors.and_then(|errors| errors.get(&place)) {
                Some(Some(lenders)) => lenders.clone(),
                // Without an error it can be `'static`.
                None => continue,
                Some(None) => return BTreeMap::new(),
            };
            let through = lenders.intersection(exclusive);
            let behind: BTreeSet<String> = through.flat_map(|name| self.lenders_of(name)).collect();
            for lender in lenders.difference(&behind) {
                found.entry(lender.clone()).or_default().insert(place);
            }
        }
        let mut behind = exclusive
            .iter()
            .flat_map(|name| self.exclusive_lenders(name));
        match behind.any(|lender| found.contains_key(&lender)) {
            true => BTreeMap::new(),
            false => found,
        }
    }

    /// Returns what a variable borrows exclusively, by itself or through others.
    fn exclusive_lenders(&self, name: &str) -> BTreeSet<String> {
        let mut through = self.lenders_of(name);
        through.insert(name.to_owned());
        let borrowers = self
            .stored_variables()
            .filter(|variable| through.contains(&variable.name));
        let loans = borrowers.flat_map(|variable| &variable.loans);
        let exclusive = loans.filter(|loan| loan.is_exclusive);
        exclusive.map(|loan| loan.lender.clone()).collect()
    }
}
