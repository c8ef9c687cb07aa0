//! Definitions: what the items of a cell replace, and what else they change.

use super::imports::{imported_names, without_imports};
use super::{Session, Variable, is_part_of_types};
use crate::cell::Space;
use crate::engine::cell::{Cell, Item};
use ra_ap_parser::Edition;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The effects of new items on earlier cells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether an item was replaced, so that others may no longer compile.
    pub replaced: bool,
    /// Notes for the user, a line each.
    pub notes: Vec<String>,
}

impl Session {
    /// Adds the items of a cell. A later item replaces an earlier one of the same name; variables and statics whose types have
    /// changed are dropped.
    pub fn define(&mut self, cell: &Cell) -> Changes {
        let mut changes = Changes::default();
        let mut changed: BTreeSet<String> = BTreeSet::new();
        let attributes = cell
            .attributes
            .iter()
            .map(|range| &cell.code[range.clone()]);
        for text in attributes.filter(|text| !is_lint_against(text)) {
            if !self.attributes.iter().any(|other| other == text) {
                self.attributes.push(text.to_owned());
            }
        }
        // A later import of a name replaces an earlier one.
        self.forget_imports(&imported_names(&cell.items, cell.edition), cell.edition);
        let earlier = self.items.len();
        let mut is_earlier = vec![true; earlier];
        let mut shortened: Vec<(Rc<Item>, Rc<Item>)> = Vec::new();
        for item in cell.items.iter().cloned().map(Rc::new) {
            let mut place = None;
            let mut at = 0;
            while at < self.items.len() {
                let old = self.items[at].clone();
                if !is_earlier[at] {
                    at += 1;
                    continue;
                }
                if old.is_replaced_by(&item) && self.is_still_seen(at, &item) {
                    at += 1;
                } else if old.is_replaced_by(&item) {
                    let is_other = old.normalized != item.normalized && old.kind != "macro";
                    if is_other && !self.is_aside(&old) {
                        changes.replaced = true;
                        if is_part_of_types(&old) {
                            changed.extend(old.names.iter().map(|(_, name)| name.clone()));
                        }
                    }
                    if old.normalized == item.normalized && self.hidden_by(at).is_none() {
                        place = place.or(Some(at));
                    }
                    self.items.remove(at);
                    is_earlier.remove(at);
                } else if let Some(rest) = without_members(&old, &item, cell.edition) {
                    changes.replaced = true;
                    match rest {
                        Some(rest) => {
                            self.items[at] = Rc::new(rest);
                            shortened.push((old, self.items[at].clone()));
                        }
                        None => {
                            self.items.remove(at);
                            is_earlier.remove(at);
                        }
                    }
                } else {
                    at += 1;
                }
            }
            // A macro that is redefined unchanged stays in place, before its uses; all other items may use this cell's macros.
            let is_macro = item.names.iter().any(|(space, _)| *space == Space::Macros);
            let place = place.filter(|_| is_macro).unwrap_or(self.items.len());
            self.items.insert(place, item);
            is_earlier.insert(place, false);
        }
        self.keep_aside(&shortened);
        self.try_again(cell);
        self.follow_types(&mut changed);
        self.statics.forget_types(&changed);
        self.forget_variables_of(&changed, &mut changes);
        changes
    }

    /// Whether items between the macro at `at` and the next one of its name see it, though `item` has that name too (The Rust
    /// Reference, "Textual scope").
    fn is_still_seen(&self, at: usize, item: &Item) -> bool {
        let old = &self.items[at];
        if item.kind != "macro" || old.kind != "macro" {
            return false;
        }
        let hidden = self.hidden_by(at);
        let mut between = self.items[at + 1..hidden.unwrap_or(self.items.len())].iter();
        let names = |other: &Rc<Item>| {
            old.names
                .iter()
                .any(|(_, name)| other.mentions.contains(name))
        };
        (hidden.is_some() || old.normalized != item.normalized) && between.any(names)
    }

    /// Returns the index of the next macro with the name of the one at `at`.
    fn hidden_by(&self, at: usize) -> Option<usize> {
        let old = &self.items[at];
        let hides = |other: &Rc<Item>| other.kind == "macro" && old.is_replaced_by(other);
        let next = self.items[at + 1..].iter().position(hides);
        next.map(|place| at + 1 + place)
    }

    /// Removes these names from the `use` items.
    fn forget_imports(&mut self, names: &BTreeSet<String>, edition: Edition) {
        let items = std::mem::take(&mut self.items);
        self.items = items
            .into_iter()
            .flat_map(|item| {
                match without_imports(&item, names, edition).filter(|_| item.kind == "use") {
                    Some(rest) => rest.into_iter().map(Rc::new).collect(),
                    None => vec![item],
                }
            })
            .collect();
    }

    /// Adds the types that contain changed ones.
    fn follow_types(&self, changed: &mut BTreeSet<String>) {
        loop {
            let before = changed.len();
            for item in self.items.iter().filter(|item| is_part_of_types(item)) {
                if !item.mentions.is_disjoint(changed) {
                    changed.extend(item.names.iter().map(|(_, name)| name.clone()));
                }
            }
            if changed.len() == before {
                return;
            }
        }
    }

    fn forget_variables_of(&mut self, changed: &BTreeSet<String>, changes: &mut Changes) {
        let (lost, rest) = std::mem::take(&mut self.variables)
            .into_iter()
            .partition(|variable: &Variable| !variable.mentions().is_disjoint(changed));
        self.variables = rest;
        for variable in lost {
            let why = format!("the type `{}` was redefined", variable.shown);
            changes.notes.push(format!(
                "`{}` of cell {} is lost: {why}",
                variable.name, variable.cell
            ));
            self.end(&variable.name, variable.cell, &why);
        }
    }

    /// Forgets the variables whose types are from crates that have changed, and returns notes for the user.
    pub fn forget_crates(&mut self, names: &[String]) -> Vec<String> {
        let changed: BTreeSet<String> = names.iter().cloned().collect();
        let mut changes = Changes::default();
        self.forget_variables_of(&changed, &mut changes);
        changes.notes
    }

    /// Removes an item of an earlier cell whose name a later item has taken. Of a `use`, removes only that name.
    pub fn remove(&mut self, item: &Rc<Item>, name: Option<&str>, edition: Edition) {
        let names = name.map(str::to_owned).into_iter().collect();
        if item.kind == "use" && without_imports(item, &names, edition).is_some() {
            return self.forget_imports(&names, edition);
        }
        self.items.retain(|other| !Rc::ptr_eq(other, item));
        self.keep_aside(&[]);
    }
}

/// Whether an attribute makes a lint warn or fail. Much that one cell does not use is used in another.
fn is_lint_against(attribute: &str) -> bool {
    let text: String = attribute.split_whitespace().collect();
    ["#![warn(", "#![deny(", "#![forbid("]
        .iter()
        .any(|begin| text.starts_with(begin))
}

/// Returns the old `impl` block without the members that a new one for the same type defines. The inner `None` means that no
/// member is left, the outer one that the two do not overlap.
fn without_members(old: &Item, new: &Item, edition: Edition) -> Option<Option<Item>> {
    let (before, after) = (old.header.as_ref()?, new.header.as_ref()?);
    if before.is_trait || before.normalized != after.normalized {
        return None;
    }
    let defined: BTreeSet<&str> = after
        .members
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let mut members = before.members.iter();
    members
        .any(|(name, _)| defined.contains(name.as_str()))
        .then(|| old.without_members(&defined, edition))
}
