//! Finds out what a variable borrows from, and anchors that.

use super::Planner;
use crate::engine::cell::{Statement, Value, references};
use crate::engine::rustc::as_shown;
use crate::engine::session::{Loan, Reason, is_within};
use crate::engine::source::Anchor;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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
        let here = self.answer.exclusive.get(name);
        let earlier = self.session.variable(name);
        let mut loans = earlier.iter().flat_map(|variable| &variable.loans);
        match self.is_here(name) {
            true => here.is_some_and(|lenders| !lenders.is_empty()),
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

    /// Returns the parts of the lenders of which rustc names only a part. It may borrow others too.
    fn parts_to_touch(&self, borrower: &str) -> BTreeMap<String, Vec<String>> {
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
    fn parts_behind(&self, lenders: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
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
    fn lent_parts(&self, lender: &str, borrower: &str) -> BTreeSet<String> {
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

    /// Anchors one more variable of the cell that has the name of the one which borrows from it, and is hidden by it: the last one
    /// that is not yet anchored.
    fn anchor_older(&mut self, name: &str) -> Loans {
        let known = self.learned.anchors.get(name).into_iter().flatten();
        let known: BTreeSet<usize> = known.map(|anchor| anchor.range.start).collect();
        let statements = self.cell.statements.iter();
        let definitions = statements.filter(|statement| {
            let binding = statement.binding.as_ref();
            binding.is_some_and(|binding| binding.defines(name))
        });
        let ranges: Vec<&Range<usize>> = self.cell.ranges().collect();
        let first_use = |definition: &Statement| {
            let mut after = ranges
                .iter()
                .filter(|range| range.start >= definition.range.end);
            after
                .find(|range| self.cell.mentions(range, name))
                .map(|range| range.start)
        };
        let mut starts = definitions
            .filter_map(first_use)
            .filter(|at| !known.contains(at));
        let older = starts.next_back().and_then(|at| {
            let anchor = Anchor::at(self.cell, name, at, self.cell.definition_before(name, at)?);
            anchor.is_hidden.then_some(anchor)
        });
        let Some(older) = older else {
            return Loans::Impossible;
        };
        self.open.anchors.insert(name.to_owned(), vec![older]);
        Loans::Open
    }

    /// Leaks a variable of the cell that is borrowed for as long as its own type allows. That of a `mut` one might end.
    fn leak(&mut self, name: &str) -> Loans {
        let mut known = self.learned.anchors.get(name).into_iter().flatten();
        let anchor = match known.find(|anchor| !anchor.is_hidden) {
            Some(anchor) => Some(anchor.clone()),
            None => self.first_anchor(name),
        };
        let Some(anchor) = anchor.filter(|anchor| !anchor.is_mut && !anchor.is_leaked) else {
            return Loans::Impossible;
        };
        self.open.leaked_anchors.insert(name.to_owned(), anchor);
        Loans::Open
    }

    /// Returns the anchor of a variable of the cell before the first statement that uses it.
    fn first_anchor(&self, name: &str) -> Option<Anchor> {
        let end = self.cell.end_of(self.cell.binding(name)?);
        let mut after = self.cell.ranges().filter(|range| range.start >= end);
        let first = after.find(|range| self.cell.mentions(range, name))?;
        let is_mut = self.cell.definition_before(name, first.start)?;
        Some(Anchor::at(self.cell, name, first.start, is_mut))
    }

    /// Leaks a variable of an earlier cell that is borrowed for as long as its own type allows.
    fn leak_earlier(&mut self, name: &str) -> Loans {
        match self.session.variable(name) {
            Some(variable) if variable.can_be_leaked() && !self.learned.loose.contains(name) => {
                self.open.earlier_leaks.insert(name.to_owned());
                Loans::Open
            }
            _ => Loans::Impossible,
        }
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

    fn direct_lenders(&self, name: &str) -> Vec<String> {
        let left = self.plan.left.iter().map(|left| &left.variable);
        let mut variables = left
            .chain(&self.session.variables)
            .filter(|variable| variable.name == name);
        if let Some(variable) = variables.next() {
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

    /// Returns the start of the statement in which a variable borrows from one of several lenders of one name, unless that is anchored.
    fn place_of_older(&self, lender: &str, borrower: &str) -> Option<usize> {
        let statements = self.cell.statements.iter();
        let definitions = statements.filter(|statement| {
            let binding = statement.binding.as_ref();
            binding.is_some_and(|binding| binding.defines(lender))
        });
        if definitions.count() < 2 {
            return None;
        }
        let borrow = (borrower.to_owned(), lender.to_owned());
        let mut places = self.answer.borrowed_at.get(&borrow)?.iter();
        let is_open = |place: &&usize| {
            let mut anchors = self.anchors_of(lender);
            anchors.all(|anchor| !anchor.range.contains(place))
        };
        let place = places.find(is_open)?;
        let mut ranges = self.cell.ranges();
        let range = ranges.find(|range| range.contains(place))?;
        Some(range.start)
    }

    /// Returns the anchors of the variables of this name in the cell.
    fn anchors_of(&self, name: &str) -> impl Iterator<Item = &Anchor> {
        self.learned.anchors.get(name).into_iter().flatten()
    }

    /// Returns whether a lender is anchored. If not, it is as of the next attempt; `None` if it cannot be.
    fn anchor(&mut self, lender: &str, borrower: &str) -> Option<bool> {
        let known = self.learned;
        let hidden_at = self.place_of_older(lender, borrower);
        if known.anchors.contains_key(lender) && hidden_at.is_none() {
            return Some(true);
        }
        let earlier = self.session.variable(lender);
        if earlier.is_some_and(|earlier| earlier.is_anchored) && !self.is_here(lender) {
            return Some(true);
        }
        let is_loose = known.loose.contains(lender);
        if self.session.is_repeated(lender) && !self.is_here(lender) {
            if is_loose {
                return None;
            }
            self.open.due.insert(lender.to_owned());
            return Some(false);
        }
        // Others may have borrowed before.
        let borrowing = self.answer.lenders.iter();
        let others = borrowing.filter(|(other, lenders)| {
            lenders.contains(lender) && !self.answer.conflicts.contains_key(*other)
        });
        let starts = others.filter_map(|(other, _)| self.cell.start_of(other));
        let starts = self.cell.start_of(borrower).into_iter().chain(starts);
        // A borrower that is defined before its lender borrows later.
        let waiting = self.session.waiting(lender);
        let has_value_from = self.has_value_from(lender);
        let is_defined_by = |at: &usize| {
            let is_defined = self.cell.definition_before(lender, *at).is_some()
                || self.session.variable(lender).is_some()
                || waiting.is_some();
            is_defined && *at >= has_value_from
        };
        let start = hidden_at.or_else(|| starts.filter(is_defined_by).min());
        let ranges: Vec<&Range<usize>> = self.cell.ranges().collect();
        // A borrower that shares what it points to with another variable need not be named where it begins to borrow.
        let mut lending = ranges
            .iter()
            .filter(|range| self.cell.mentions(range, lender) && is_defined_by(&range.start));
        let mut both = lending.clone();
        let borrowed_at = start.or_else(|| {
            both.find(|range| self.cell.mentions(range, borrower))
                .or_else(|| lending.next())
                .map(|range| range.start)
        });
        // Otherwise the `let` of an earlier cell borrows.
        let borrowed_at = borrowed_at.or_else(|| (!self.is_here(lender)).then_some(0))?;
        // A statement before that may already have borrowed, even if that does not show in the types.
        let defined_at = self
            .cell
            .end_of_definition(lender, borrowed_at)
            .max(has_value_from);
        let mut after = ranges.iter().filter(|range| range.start >= defined_at);
        let at = after
            .find(|range| self.cell.mentions(range, lender))
            .map_or(borrowed_at, |range| borrowed_at.min(range.start));
        let known_starts: BTreeSet<usize> = self
            .anchors_of(lender)
            .map(|known| known.range.start)
            .collect();
        let hidden_from = self.cell.hidden_from(lender, at);
        let here = self.cell.definition_before(lender, at);
        if here.is_none() && hidden_from.is_none() && waiting.is_none() {
            let variable = self.session.variable(lender)?;
            if variable.is_anchored || known.earlier_anchors.contains(lender) {
                return Some(true);
            }
            if is_loose {
                return None;
            }
            self.open.earlier_anchors.insert(lender.to_owned());
            return Some(false);
        }
        if is_loose {
            return None;
        }
        let is_mut = match here.or(waiting) {
            Some(is_mut) => is_mut,
            None => {
                let earlier = self.session.variable(lender)?;
                if earlier.is_anchored || !earlier.loans.is_empty() {
                    return None;
                }
                earlier.is_mut
            }
        };
        let shown = self.answer.types.get(lender);
        // To borrow exclusively through a box, the box must be `mut`.
        let is_mut = is_mut || shown.is_some_and(|shown| shown.starts_with("&mut "));
        if known_starts.contains(&at) {
            return None;
        }
        let anchor = Anchor {
            is_deferred: here.is_none() && waiting.is_some() && has_value_from == 0,
            ..Anchor::at(self.cell, lender, at, is_mut)
        };
        self.open.anchors.insert(lender.to_owned(), vec![anchor]);
        Some(false)
    }

    /// Returns where the statement ends that gives a variable declared without a value its first one; 0 for others.
    fn has_value_from(&self, name: &str) -> usize {
        let mut statements = self.cell.statements.iter();
        let own = statements.find_map(|statement| {
            let binding = statement
                .binding
                .as_ref()
                .filter(|binding| binding.defines(name))?;
            Some((binding.value == Value::None, statement.range.end))
        });
        let mut deferred = self.session.deferred.iter();
        let mut waits =
            || deferred.any(|deferred| deferred.has_no_value() && deferred.defines(name));
        let declared_at = match own {
            Some((true, end)) => end,
            None if waits() => 0,
            _ => return 0,
        };
        let mut after = self
            .cell
            .ranges()
            .filter(|range| range.start >= declared_at);
        let first = after.find(|range| self.cell.mentions(range, name));
        first.map_or(declared_at, |range| range.end)
    }
}
