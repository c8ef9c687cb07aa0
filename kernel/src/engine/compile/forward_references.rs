//! Forward references: items of the cell that name what a later cell will define. In a program the order of items does not
//! matter, so such a cell is no error; its items wait.

use super::Compilation;
use super::unknown_names::{
    help, is_consequence, lacks_block, lacks_conversion, lacks_copy, lacks_type,
    may_be_consequence, names_something_unknown,
};
use crate::cell::Space;
use crate::engine::cell::Item;
use crate::engine::rustc::Diagnostic;
use crate::engine::source::{Origin, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// An item of the cell with errors.
struct Unresolved<'a> {
    item: Rc<Item>,
    /// The error that a later cell can mend, or else the first one.
    error: &'a Diagnostic,
    lacks_type: bool,
    /// Whether it has an error that is none once its types are known.
    needs_type: bool,
}

/// Whether the errors that no later cell can mend may be due to types that rustc does not know: those that the items lack, or those
/// of the cell that lack others.
fn are_explained(all: &BTreeMap<usize, Unresolved>) -> bool {
    let mut unknown: BTreeSet<&String> = BTreeSet::new();
    let (mut explained, mut open): (Vec<_>, Vec<_>) =
        all.values().partition(|found| found.lacks_type);
    while let Some(found) = explained.pop() {
        let names = found.item.names.iter();
        let types = names.filter(|(space, _)| *space == Space::Types);
        unknown.extend(types.map(|(_, name)| name));
        explained.extend(open.extract_if(.., |found| {
            let mut mentions = found.item.mentions.iter();
            mentions.any(|name| unknown.contains(name))
        }));
    }
    open.iter().all(|found| !found.needs_type)
}

impl Compilation<'_> {
    /// Sets the cell's items aside that lack only what a later cell may define, unless the cell runs code that needs them, or
    /// replaces items that work. Returns whether there were any.
    pub(super) fn set_own_aside(&mut self, errors: &[Diagnostic], source: &Source) -> bool {
        if self.everything {
            return false;
        }
        let Some(unresolved) = self.unresolved(errors, source) else {
            return false;
        };
        if unresolved.iter().any(|found| self.runs_with(&found.item)) {
            return false;
        }
        for Unresolved { item, error, .. } in &unresolved {
            let why = format!("{}{}", error.message, help(error));
            let shown = item.shown();
            self.notes
                .push(format!("{shown} waits for a later cell: {why}"));
            let note = format!(
                "{shown} of cell {} waits for a later cell: {why}",
                item.cell
            );
            self.session.set_aside(item, &note);
        }
        !unresolved.is_empty()
    }

    /// Returns the cell's items with errors; `None` if there is an error that no later cell can mend.
    fn unresolved<'e>(
        &self,
        errors: &'e [Diagnostic],
        source: &Source,
    ) -> Option<Vec<Unresolved<'e>>> {
        let mut found: BTreeMap<usize, Unresolved> = BTreeMap::new();
        let mut is_forward = false;
        for error in errors {
            let Some((index, item)) = self.own_item(error, source) else {
                // What is generated for statics repeats their types.
                let mut others = errors.iter().filter(|other| other.message == error.message);
                others.find_map(|other| self.own_item(other, source))?;
                continue;
            };
            if self.names_variable(error) {
                return None;
            }
            let can_be_mended = names_something_unknown(error, &self.session)
                || lacks_conversion(error, source, &self.session)
                || lacks_copy(error, &item)
                || may_be_consequence(error) && lacks_block(error, &self.session);
            let unresolved = found.entry(index).or_insert(Unresolved {
                item,
                error,
                lacks_type: false,
                needs_type: false,
            });
            if can_be_mended {
                unresolved.error = error;
                unresolved.lacks_type |= lacks_type(error);
                is_forward = true;
            } else if !is_consequence(error) {
                unresolved.needs_type = true;
            }
        }
        (is_forward && are_explained(&found)).then(|| found.into_values().collect())
    }

    /// Whether the error is that an item uses a variable, which no item can.
    fn names_variable(&self, error: &Diagnostic) -> bool {
        let name = error.quoted().next().unwrap_or_default();
        error.message.starts_with("cannot find value")
            && (self.session.has_variable(name) || self.cell.binding(name).is_some())
    }

    /// Returns the item of the cell in which the error is, with its index among the session's items.
    fn own_item(&self, error: &Diagnostic, source: &Source) -> Option<(usize, Rc<Item>)> {
        let segment = source.segment_at(error.primary()?.in_source().start)?;
        let mut statements = self.cell.ranges();
        if segment.origin != Origin::Cell || statements.any(|range| range.contains(&segment.start))
        {
            return None;
        }
        let items = self.session.items.iter().enumerate();
        let before = items.filter(|(_, item)| {
            let is_own = item.cell == self.number && item.start <= segment.start;
            is_own && !self.session.is_aside(item)
        });
        let before: Vec<_> = before.collect();
        // A macro's call may expand to several items, which all begin there.
        let text = &source.text()[segment.range.clone()];
        let start = before.iter().map(|(_, item)| item.start).max()?;
        let mut last = before.iter().filter(|(_, item)| item.start == start);
        let found = last.clone().find(|(_, item)| item.text.contains(text));
        let (index, item) = found.or(last.next())?;
        Some((*index, (*item).clone()))
    }

    /// Whether the statements of the cell name the item, what it imports, or the type that an `impl` block is for.
    fn runs_with(&self, item: &Item) -> bool {
        let names = self.cell.names();
        let defined = item.names.iter().map(|(_, name)| name);
        let of_header = item.header.iter().flat_map(|header| &header.mentions);
        let imported = item.mentions.iter().filter(|_| item.kind == "use");
        let mut all = defined.chain(of_header).chain(imported);
        all.any(|name| names.contains(name))
    }
}
