//! Variables that stay in one place, since raw pointers point to them, and the ends of those that borrow from others.

use super::Compilation;
use super::ends::taken_back;
use crate::engine::cell::{names, references};
use crate::engine::rustc::{Diagnostic, lender};
use crate::engine::session::{Loan, Openness, Reason, Selection, Variable};
use crate::engine::source::{Anchor, Origin, Source, Use};
use std::collections::BTreeSet;

/// What makes a raw pointer of a place (`std::ptr`).
const POINTERS: [&str; 10] = [
    "&raw ",
    "*const ",
    "*mut ",
    "addr_of",
    "NonNull",
    ".as_ptr(",
    ".as_mut_ptr(",
    "from_ref(",
    "from_mut(",
    "AtomicPtr",
];

impl Compilation<'_> {
    /// Anchors the variables to which the cell makes raw pointers.
    pub(super) fn anchor_pointees(&mut self) {
        for statement in &self.cell.statements {
            let text = &self.cell.code[statement.range.clone()];
            if !POINTERS.iter().any(|pointer| text.contains(pointer)) {
                continue;
            }
            let at = statement.range.start;
            for reference in references(text, self.cell.edition) {
                let name = reference.name;
                if let Some(is_mut) = self.cell.definition_before(&name, at) {
                    let anchor = Anchor::at(&self.cell, &name, at, is_mut);
                    let known = self.state.learned.anchors.entry(name);
                    known.or_insert_with(|| vec![anchor]);
                } else if self
                    .session
                    .variable(&name)
                    .is_some_and(|variable| !variable.is_anchored)
                {
                    self.state.learned.earlier_anchors.insert(name);
                }
            }
        }
        self.state.needs_probe |= !self.state.learned.anchors.is_empty();
    }

    /// Marks the variables of earlier cells that this one anchors.
    pub(super) fn anchor_selected(&self, selection: &mut Selection) {
        let learned = &self.state.learned;
        for variable in &mut selection.variables {
            if learned.earlier_anchors.contains(&variable.name) {
                variable.is_anchored = true;
                variable.is_leaked |= learned.earlier_leaks.contains(&variable.name);
                if !learned.numbers.contains_key(&variable.name) {
                    variable.openness = Openness::Settled;
                }
            }
        }
    }

    /// Leaks the variables from which leaked ones begin to borrow; returns whether there are any.
    pub(super) fn leak_lenders(&mut self, errors: &[Diagnostic], source: &Source) -> bool {
        let errors = errors
            .iter()
            .filter(|error| self.is_due_to_leaked(error, source));
        let lenders = errors.filter_map(|error| {
            let place = source.in_cell(&error.primary()?.in_source())?;
            let mut ranges = self.cell.ranges();
            let statement = ranges.find(|range| range.contains(&place.start))?;
            Some((lender(&error.message)?.to_owned(), statement.start))
        });
        let mut is_news = false;
        for (name, at) in lenders.collect::<Vec<_>>() {
            is_news |= self.leak(&name, at);
        }
        is_news
    }

    /// Leaks the variable that a name means at byte `at` of the cell, if possible; returns whether that is news.
    fn leak(&mut self, name: &str, at: usize) -> bool {
        let earlier = self.session.variable(name);
        let learned = &mut self.state.learned;
        match self.cell.definition_before(name, at) {
            _ if learned.loose.contains(name) => false,
            Some(false) => {
                let anchors = learned.anchors.entry(name.to_owned());
                let anchors =
                    anchors.or_insert_with(|| vec![Anchor::at(&self.cell, name, at, false)]);
                let mut boxed = anchors.iter_mut().filter(|anchor| !anchor.is_leaked);
                let first = boxed.next();
                first.map(|anchor| anchor.is_leaked = true).is_some()
            }
            None if earlier.is_some_and(Variable::can_be_leaked) => {
                learned.earlier_anchors.insert(name.to_owned());
                learned.earlier_leaks.insert(name.to_owned())
            }
            _ => false,
        }
    }

    /// Whether the error is that a leaked variable of an earlier cell would borrow from what ends.
    fn is_due_to_leaked(&self, error: &Diagnostic, source: &Source) -> bool {
        let annotation = error.annotation().map(|span| span.in_source().start);
        let segment = annotation.and_then(|at| source.segment_at(at));
        match segment.map(|segment| &segment.origin) {
            Some(Origin::Variable(Use::Take, name)) => {
                let is_leaked = |variable: &Variable| variable.is_leaked;
                self.session.variable(name).is_some_and(is_leaked)
                    || self.state.learned.earlier_leaks.contains(name)
            }
            _ => false,
        }
    }

    /// Ends the variables of earlier cells that are the exclusive users of what this cell uses, unless it names them too, or what
    /// borrows from them. In a program, the last use of such a variable would come before this cell.
    pub(super) fn end_exclusive_borrowers(&mut self) {
        let takes_whole = |loan: &Loan| loan.is_exclusive && loan.parts.is_empty();
        let lenders: BTreeSet<&str> = self
            .session
            .variables
            .iter()
            .flat_map(|variable| &variable.loans)
            .filter(|loan| takes_whole(loan))
            .map(|loan| loan.lender.as_str())
            .collect();
        if lenders.is_empty() {
            return;
        }
        let used = self.used_variables();
        let mut named = self.cell.names();
        named.retain(|name| !self.cell.begins_with(name));
        named.extend(used.iter().cloned());
        let named = self.session.with_lenders(named);
        let ended: Vec<_> = self
            .session
            .variables
            .iter()
            .filter(|variable| !named.contains(&variable.name))
            .filter_map(|variable| {
                let mut loans = variable.loans.iter();
                let loan = loans.find(|loan| takes_whole(loan) && used.contains(&loan.lender))?;
                Some((
                    variable.name.clone(),
                    variable.cell,
                    taken_back(&loan.lender, self.number),
                ))
            })
            .collect();
        for (name, cell, why) in ended {
            self.session.end(&name, cell, &why);
        }
    }

    /// Returns the variables of earlier cells that the cell's text refers to, directly or by a repeated `let`.
    fn used_variables(&self) -> BTreeSet<String> {
        let mut used: BTreeSet<String> = self
            .cell
            .ranges()
            .flat_map(|range| {
                let found = references(&self.cell.code[range.clone()], self.cell.edition);
                found.into_iter().map(|reference| reference.name)
            })
            .collect();
        used.retain(|name| !self.cell.begins_with(name));
        for deferred in &self.session.deferred {
            if deferred.reason == Reason::Borrows
                && deferred
                    .variables
                    .iter()
                    .any(|(name, _)| used.contains(name))
            {
                used.extend(names(&deferred.text, self.cell.edition));
            }
        }
        used
    }
}
