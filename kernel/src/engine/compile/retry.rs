//! Adjusts the next attempt to compile a cell to rustc's answers.

use super::Compilation;
use super::ends::{not_repeated, not_stored, not_taken, still_lent};
use super::unknown_names::names_something_unknown;
use crate::engine::cell::references;
use crate::engine::rustc::{Diagnostic, ProbeResult, lender};
use crate::engine::session::{Selection, Variable};
use crate::engine::source::{Source, is_plain_let};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

impl Compilation<'_> {
    /// Turns misfits into errors of the cell. A derived `impl` is part of its type, so the cell's conflicting `impl` is the
    /// error. An error in a macro is due to its call.
    pub(super) fn find_own_errors(&self, answer: &mut ProbeResult, selection: &Selection) {
        let is_own = |index: &usize, error: &Diagnostic| {
            let kind = selection.items.get(*index).map_or("", |item| item.kind);
            let is_type = matches!(kind, "struct" | "enum" | "union");
            kind == "macro" || is_type && error.code() == "E0119"
        };
        let misfits = std::mem::take(&mut answer.misfits);
        let (own, others) = misfits
            .into_iter()
            .partition(|(index, error)| is_own(index, error));
        answer.misfits = others;
        answer.errors.extend(BTreeMap::into_values(own));
    }

    /// Sets aside the items of earlier cells that do not compile with this cell; returns whether there were any.
    pub(super) fn set_aside(&mut self, answer: &ProbeResult, selection: &Selection) -> bool {
        // Other errors may only be due to an item that is replaced.
        if self.remove_replaced(answer, selection) {
            return true;
        }
        for (index, error) in &answer.misfits {
            let Some(item) = selection.items.get(*index) else {
                continue;
            };
            let what = format!("{} of cell {}", item.shown(), item.cell);
            let why = &error.message;
            // That it still waits is no news.
            let still_waits =
                self.session.is_tried(item) && names_something_unknown(error, &self.session);
            let note = if still_waits {
                format!("{what} waits for a later cell: {why}")
            } else {
                format!("set aside: {what}: {why}")
            };
            if !still_waits {
                self.notes.push(note.clone());
            }
            self.session.set_aside(item, &note);
        }
        !answer.misfits.is_empty()
    }

    /// Removes the items whose names later ones have taken, which is no news; returns whether there were any.
    fn remove_replaced(&mut self, answer: &ProbeResult, selection: &Selection) -> bool {
        let replaced = answer.misfits.iter();
        let replaced: Vec<_> = replaced
            .filter(|(_, error)| error.is_about_names())
            .collect();
        for (index, error) in &replaced {
            if let Some(item) = selection.items.get(**index) {
                let name = error.quoted().next();
                self.session.remove(item, name, self.cell.edition);
            }
        }
        !replaced.is_empty()
    }

    /// Learns from a compilation what was wrong in the plan; returns whether anything was.
    pub(super) fn learn(&mut self, answer: &ProbeResult) -> bool {
        let learned = &mut self.state.learned;
        let before = (
            learned.borrowing.len(),
            learned.ends.len(),
            learned.moved.len(),
            learned.special.len(),
        );
        learned.borrowing.extend(answer.borrowing.clone());
        learned.moved.extend(answer.moved_earlier.clone());
        let lent = answer.still_lent.keys();
        let lent = lent.map(|name| (name.clone(), still_lent(self.number)));
        learned.ends.extend(lent);
        for (name, message) in &answer.unkept {
            let plan = &self.state.plan;
            let mut left = plan.left.iter().chain(&plan.found);
            let left = left.find(|left| left.variable.name == *name);
            if left.is_some_and(|left| left.may_be_special())
                && learned.special.insert(name.clone())
            {
                continue;
            }
            if left.is_some() && learned.closures.try_next(message) {
                return true;
            }
            if left.is_some() && self.state.needs_probe {
                learned.ends.insert(name.clone(), not_stored(self.number));
            } else if let Some(variable) = self
                .session
                .variable(name)
                .filter(|_| left.is_none())
                .cloned()
            {
                let why = not_taken(&variable, self.number, &self.session);
                self.session.end(name, variable.cell, &why);
                self.state.needs_probe = true;
                return true;
            }
        }
        let is_news = before
            != (
                learned.borrowing.len(),
                learned.ends.len(),
                learned.moved.len(),
                learned.special.len(),
            );
        self.state.needs_probe |= is_news;
        is_news
    }

    /// Plans that the cell itself stores the variables whose parts it moves and gives back: from outside of the function around the
    /// cell's code, these look moved. Only a probe tells them from parts that stay moved. Returns whether there are any.
    pub(super) fn give_back_parts(&mut self, answer: &mut ProbeResult) -> bool {
        if answer.moved_parts_earlier.is_empty() {
            return false;
        }
        if !self.state.needs_probe {
            self.state.needs_probe = true;
            return true;
        }
        let learned = &mut self.state.learned;
        let before = learned.moved.len();
        for name in std::mem::take(&mut answer.moved_parts_earlier) {
            if !learned.earlier_parts.contains_key(&name) {
                answer.moved_parts.remove(&name);
                learned.moved.insert(name);
            }
        }
        learned.moved.len() > before
    }

    /// Plans placeholder values for moved parts of variables, where possible; returns whether that is news. Otherwise a partially
    /// moved variable counts as moved.
    pub(super) fn refill(&mut self, answer: &mut ProbeResult) -> bool {
        let learned = &mut self.state.learned;
        let mut is_news = false;
        for name in &answer.not_refillable {
            if self.session.variable(name).is_some() && learned.taken_apart.insert(name.clone()) {
                is_news = true;
                continue;
            }
            is_news |= learned.not_refillable.insert(name.clone());
            learned.parts.remove(name);
            learned.earlier_parts.remove(name);
        }
        for (name, field) in std::mem::take(&mut answer.variant_fields) {
            let all = [&mut learned.parts, &mut learned.earlier_parts];
            for parts in all.into_iter().filter_map(|all| all.get_mut(&name)) {
                is_news |= shorten(parts, &field);
                if parts.contains(&name) {
                    learned.not_refillable.insert(name.clone());
                }
            }
            if learned.not_refillable.contains(&name) {
                learned.parts.remove(&name);
                learned.earlier_parts.remove(&name);
            }
        }
        for (name, path) in std::mem::take(&mut answer.moved_parts) {
            let own = self.cell.variables().into_iter();
            let own = own
                .map(|(_, own, is_mut)| (own, is_mut))
                .find(|(own, _)| *own == name);
            let mut statements = self.cell.statements.iter();
            let mut is_plain = || {
                statements
                    .any(|statement| is_plain_let(&self.cell.code[statement.range.clone()], &name))
            };
            let is_own = own.is_some() && !answer.moved_parts_earlier.contains(&name);
            let is_earlier = !is_own && self.session.variable(&name).is_some();
            let is_waiting = own.is_none() && !is_earlier;
            let can_change = is_earlier || own.is_some_and(|(_, is_mut)| is_mut || is_plain());
            if can_change && path != name && !learned.not_refillable.contains(&name) {
                let all = match is_earlier {
                    true => &mut learned.earlier_parts,
                    false => &mut learned.parts,
                };
                is_news |= all.entry(name).or_default().insert(path);
                continue;
            }
            if path != name {
                let earlier = self.session.variable(&name).filter(|_| is_earlier);
                let written = self
                    .cell
                    .binding(&name)
                    .and_then(|own| own.written.as_ref());
                let ty = earlier.map(|earlier| &earlier.ty);
                let ty = ty.or(written).or(answer.types.get(&name));
                if ty.is_some_and(|ty| self.session.has_own_drop(ty)) {
                    learned.leaks_rests = true;
                    // A closure might capture only the part.
                    is_news |= is_earlier && learned.taken_apart.insert(name.clone());
                }
            }
            match is_own || is_waiting {
                true => answer.moved.insert(name),
                false => answer.moved_earlier.insert(name),
            };
        }
        is_news
    }

    /// Plans to take variables inside of the cell if the closure around it cannot capture them as the cell uses them, in parts or
    /// through a reference of their own; returns whether there are new ones.
    pub(super) fn take_apart(&mut self, answer: &mut ProbeResult) -> bool {
        let session = &self.session;
        let has =
            |name: &str, is_so: fn(&Variable) -> bool| session.variable(name).is_some_and(is_so);
        let errors = answer
            .errors
            .iter()
            .filter(|error| error.is_about_captures());
        let partial = errors.filter_map(|error| lender(&error.message));
        let partial = partial.filter(|name| has(name, |variable| !variable.moved_parts.is_empty()));
        let reborrowed = answer.borrowing.keys().chain(answer.still_lent.keys());
        let reborrowed = reborrowed.map(String::as_str);
        let reborrowed = reborrowed.filter(|name| has(name, |variable| !variable.loans.is_empty()));
        let names: BTreeSet<String> = partial.chain(reborrowed).map(str::to_owned).collect();
        let taken_apart = &mut self.state.learned.taken_apart;
        let is_news = |name: &String| names.contains(name) && !taken_apart.contains(name);
        answer.borrowing.retain(|name, _| !is_news(name));
        answer.still_lent.retain(|name, _| !is_news(name));
        let before = taken_apart.len();
        taken_apart.extend(names);
        taken_apart.len() > before
    }

    /// Plans what to do with boxes whose destructors conflict with what the cell does after it has last used them; returns whether
    /// there are new ones. A box that holds a closure or an iterator is dropped: that has no destructor in a program. A box from which
    /// the cell moves the value is taken apart before.
    pub(super) fn drop_after_last_use(&mut self, answer: &ProbeResult) -> bool {
        let learned = &mut self.state.learned;
        let before = learned.drops.len() + learned.unboxed.len();
        let errors = answer.errors.iter();
        let conflicts = errors.filter(|error| error.is_about_conflicts());
        for name in conflicts.filter_map(Diagnostic::conflicting_destructor) {
            let Some(variable) = self.session.variable(name) else {
                continue;
            };
            let Some(range) = self.cell.last_use(name) else {
                continue;
            };
            if variable.is_anchored && answer.moved_earlier.contains(name) {
                learned.unboxed.insert(name.to_owned(), range.start);
            } else if !variable.loans.is_empty()
                && variable.ty.starts_with("::std::boxed::Box<dyn ")
            {
                learned.drops.insert(name.to_owned(), range.end);
            }
        }
        learned.drops.len() + learned.unboxed.len() > before
    }

    /// Handles errors in a cell whose probe had none: they come from the types under which its variables are stored. Chooses the
    /// next best types, or gives the variables up; returns whether there were any.
    pub(super) fn downgrade_types(&mut self) -> bool {
        let learned = &mut self.state.learned;
        let left = self.state.plan.left.iter().chain(&self.state.plan.found);
        let suspects: Vec<_> = left
            .filter(|left| left.may_be_special())
            .map(|left| left.variable.name.clone())
            .collect();
        let before = (learned.special.len(), learned.ends.len());
        learned.special.extend(suspects.iter().cloned());
        if learned.special.len() == before.0 {
            let why = "its type has no name, so it lasts only for its cell".to_owned();
            learned
                .ends
                .extend(suspects.iter().map(|name| (name.clone(), why.clone())));
        }
        before != (learned.special.len(), learned.ends.len())
    }

    /// Gives up `let`s of earlier cells that no longer compile; returns whether there were any.
    pub(super) fn end_failed_lets(&mut self, answer: &ProbeResult, selection: &Selection) -> bool {
        let mut ended = false;
        for (index, error) in &answer.failed_lets {
            let Some(deferred) = selection.deferred.get(*index) else {
                continue;
            };
            // Its type is not determined yet.
            if error.is_untyped() {
                continue;
            }
            self.session.deferred.retain(|other| other != deferred);
            let read = references(&deferred.text, self.cell.edition).into_iter();
            let read: Vec<String> = read.map(|reference| reference.name).collect();
            let why = not_repeated(&read, self.number, &self.session);
            for (name, _) in &deferred.variables {
                self.session.end(name, deferred.cell, &why);
            }
            ended = true;
        }
        ended
    }

    /// Finds the borrowing variables with a type annotation: rustc says that the annotation requires `'static`.
    pub(super) fn find_annotated_borrows(&self, answer: &mut ProbeResult, source: &Source) {
        let (borrows, others) = std::mem::take(&mut answer.errors)
            .into_iter()
            .partition(Diagnostic::is_about_annotation);
        answer.errors = others;
        for error in borrows {
            let annotation = error
                .annotation()
                .and_then(|span| source.in_cell(&span.in_source()));
            let is_there = |range: &Range<usize>| {
                annotation
                    .as_ref()
                    .is_some_and(|place| range.start <= place.start && place.end <= range.end)
            };
            let statement = self
                .cell
                .statements
                .iter()
                .find(|statement| is_there(&statement.range));
            match statement.and_then(|statement| statement.binding.as_ref()) {
                Some(binding) => {
                    let names = binding
                        .variables
                        .iter()
                        .map(|(name, _)| (name.clone(), error.message.clone()));
                    answer.borrowing.extend(names);
                }
                None => answer.errors.push(error),
            }
        }
    }
}

/// Shortens the parts with this field, which is one of an enum's variant, to what contains it: a place of its own is only the whole
/// value of an enum. Returns whether there are any.
fn shorten(parts: &mut BTreeSet<String>, field: &str) -> bool {
    let before_field = |part: &str| {
        let fields: Vec<&str> = part.split('.').collect();
        let place = fields.iter().rposition(|other| *other == field)?;
        Some(fields[..place].join("."))
    };
    let has_field = |part: &String| before_field(part).is_some_and(|whole| !whole.is_empty());
    let within: Vec<String> = parts.extract_if(.., |part| has_field(part)).collect();
    parts.extend(within.iter().filter_map(|part| before_field(part)));
    !within.is_empty()
}
