//! Finds out which parts of a variable others borrow.

use super::Planner;
use crate::engine::rustc::as_shown;
use crate::engine::session::is_within;
use std::collections::{BTreeMap, BTreeSet};

impl Planner<'_> {
    /// Returns the parts of the lenders of which rustc names only a part. It may borrow others too.
    pub(super) fn parts_to_touch(&self, borrower: &str) -> BTreeMap<String, Vec<String>> {
        let places = self.answer.places.get(borrower).into_iter().flatten();
        let lenders: BTreeSet<&str> = places
            .filter_map(|place| Some(place.split_once('.')?.0))
            .collect();
        let own = self.cell.variables();
        let parts = lenders.into_iter().filter_map(|lender| {
            let mut own = own.iter().filter(|(_, name, _)| *name == lender);
            let ty = match (own.next(), own.next()) {
                (Some(_), None) => as_shown(self.answer.types.get(lender)?),
                (None, _) => self.session.variable(lender)?.ty.clone(),
                (Some(_), Some(_)) => return None,
            };
            Some((lender.to_owned(), self.session.parts(lender, &ty)?))
        });
        parts.collect()
    }

    /// Returns the parts of what these lenders refer to exclusively, unless they have been probed.
    pub(super) fn parts_behind(&self, lenders: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
        let unknown = lenders
            .iter()
            .filter(|lender| !self.learned.touched_parts.contains_key(*lender));
        let parts = unknown.filter_map(|lender| {
            let ty = match self
                .session
                .variable(lender)
                .filter(|_| !self.is_here(lender))
            {
                Some(variable) => variable.ty.clone(),
                None => as_shown(self.answer.types.get(lender)?),
            };
            let referent = ty.strip_prefix("&mut ")?;
            Some((lender.clone(), self.session.parts(lender, referent)?))
        });
        parts.collect()
    }

    /// Returns the parts of a lender that a variable borrows, or none if it is the whole.
    pub(super) fn lent_parts(&self, lender: &str, borrower: &str) -> BTreeSet<String> {
        let of_lender = |places: Option<&BTreeSet<String>>| -> BTreeSet<String> {
            let places = places.into_iter().flatten();
            places
                .filter(|place| is_within(place, lender))
                .cloned()
                .collect()
        };
        let parts = of_lender(self.answer.borrowed_parts.get(borrower));
        let named = of_lender(self.answer.places.get(borrower));
        // Otherwise rustc has not come to the borrows.
        let is_confirmed = named
            .iter()
            .all(|place| parts.iter().any(|part| is_within(place, part)));
        match is_confirmed {
            true => parts,
            false => BTreeSet::new(),
        }
    }
}
