//! Plans variables that borrow from others, and the permanent loans that these need.

use super::super::deferred_lets::is_repeatable;
use super::super::plan::Lending;
use super::Planner;
use crate::engine::cell::{Let, names};
use crate::engine::rustc::{Type, as_written, lender};
use crate::engine::session::{Openness, Selection, Variable};
use crate::engine::source::PersistedVariable;
use std::collections::BTreeSet;

impl Planner<'_> {
    /// Plans the variables of earlier cells that borrow from this cell on.
    pub(super) fn plan_borrowing_earlier(&mut self, selection: &Selection) {
        for variable in &selection.variables {
            let name = &variable.name;
            let Some(message) = self
                .answer
                .borrowing
                .get(name)
                .filter(|_| !self.is_here(name))
            else {
                continue;
            };
            match lender(message).and_then(|lender| self.lend(lender, name)) {
                Some((lender, lending)) => _ = self.open.lend.insert(lender, lending),
                None => {
                    self.plan.ends.insert(name.clone(), borrows_from(message));
                    self.plan.moved.insert(name.clone());
                }
            }
        }
    }

    pub(super) fn plan_lent(&mut self, selection: &Selection) {
        for (name, lending) in self
            .learned
            .lent
            .iter()
            .filter(|(_, lending)| !lending.is_hidden)
        {
            let Some(Type::Named(ty)) = self.answer.types.get(name).map(|shown| as_written(shown))
            else {
                continue;
            };
            let ty = ty
                .trim_start_matches('&')
                .trim_start_matches("'static ")
                .to_owned();
            let variable = Variable {
                name: name.clone(),
                is_mut: lending.is_mut,
                shown: ty.clone(),
                ty,
                cell: selection
                    .variables
                    .iter()
                    .find(|variable| variable.name == *name)
                    .map_or(self.number, |variable| variable.cell),
                openness: Openness::Settled,
                lent_to: Some(lending.borrower.clone()),
                moved_parts: BTreeSet::new(),
            };
            self.plan.left.push(PersistedVariable {
                variable,
                value: name.clone(),
            });
        }
    }

    /// Returns how a variable can be lent permanently to `borrower`; `None` if it cannot, as when it is already lent. An earlier
    /// variable borrows where it is first named together with the lender.
    pub(super) fn lend(&self, lender: &str, borrower: &str) -> Option<(String, Lending)> {
        let known = &self.learned;
        if known.lent.contains_key(lender) || known.unlendable.contains(lender) {
            return None;
        }
        // Others may have borrowed before.
        let borrowing = self.answer.lenders.iter();
        let others = borrowing.filter(|(_, lenders)| lenders.contains(lender));
        let starts = others.filter_map(|(other, _)| self.cell.start_of(other));
        let at = self
            .cell
            .start_of(borrower)
            .into_iter()
            .chain(starts)
            .min()
            .or_else(|| {
                let names_both = |text: &str| {
                    let found = names(text, self.cell.edition);
                    found.contains(lender) && found.contains(borrower)
                };
                let mut statements = self.cell.statements.iter();
                statements
                    .find(|statement| names_both(&self.cell.code[statement.range.clone()]))
                    .map(|statement| statement.range.start)
            })?;
        let is_mut = match self.cell.definition_before(lender, at) {
            Some(is_mut) => is_mut,
            None => {
                let earlier = self.session.variable(lender)?;
                if earlier.lent_to.is_some() {
                    return None;
                }
                earlier.is_mut
            }
        };
        let hidden_from = self.cell.hidden_from(lender, at);
        let lending = Lending {
            borrower: borrower.to_owned(),
            range: at..hidden_from.unwrap_or(usize::MAX),
            is_mut,
            is_hidden: hidden_from.is_some(),
        };
        Some((lender.to_owned(), lending))
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
        let mut variables = here
            .chain(earlier)
            .filter(|(other, ..)| mentioned.contains(*other));
        let is_steady = variables.all(|(other, is_mut, ty)| {
            let shares = ty.is_some_and(|ty| self.session.shares_state(ty));
            (!is_mut || is_lender(other)) && (!shares || binding.is_plain())
        });
        is_steady && is_repeatable(binding, self.cell, self.session)
    }
}

/// Returns why a borrowing variable ends, given rustc's message.
pub fn borrows_from(message: &str) -> String {
    match lender(message) {
        Some(name) => format!("it borrows from `{name}`, so it lasts only for its cell"),
        None => "it borrows from other variables, so it lasts only for its cell".to_owned(),
    }
}
