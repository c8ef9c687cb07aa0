//! The session: a notebook's items, variables and statics so far.

mod aside;
mod forwarding;
mod imports;
mod parts;
mod selection;
mod statics;
#[cfg(test)]
mod tests;
mod variable;

pub use aside::SetAside;
use imports::{imported_names, without_imports};
pub use selection::{Selection, select};
pub use statics::Statics;
pub use variable::{Deferred, Loan, Openness, Reason, Variable, is_copy};

use super::cell::{Cell, Item, Macros, names};
use crate::cell::Space;
use ra_ap_parser::Edition;
use ra_ap_syntax::ast::{self, HasModuleItem};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

#[derive(Debug, Clone, Default)]
pub struct Session {
    /// In source order: textually scoped macros must come before their uses.
    pub items: Vec<Rc<Item>>,
    /// Those of the items that do not compile with the others at present.
    pub aside: Vec<SetAside>,
    /// In the order in which they were defined.
    pub variables: Vec<Variable>,
    pub deferred: Vec<Deferred>,
    pub statics: Statics,
    /// Crate-level attributes, such as `#![feature(…)]`.
    pub attributes: Vec<String>,
    /// Notes on why variables and items are gone, by name.
    pub ended: HashMap<String, String>,
    /// Variables to drop when the next cell runs, borrowers before what they borrow from.
    pub to_forget: Vec<String>,
}

/// The effects of new items on earlier cells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether an item was replaced, so that others may no longer compile.
    pub replaced: bool,
    /// Notes for the user, a line each.
    pub notes: Vec<String>,
}

impl Session {
    /// Returns the macros that the next cell can call.
    pub fn macros(&self, edition: Edition) -> Macros {
        let mut macros = Macros::default();
        for item in self.items.iter().filter(|item| item.kind == "macro") {
            let parsed = ra_ap_syntax::SourceFile::parse(&item.text, edition);
            for found in parsed.tree().items() {
                if let ast::Item::MacroRules(rules) = found {
                    macros.define(&rules);
                }
            }
        }
        macros
    }

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
                let is_macro = item.kind == "macro" && old.kind == "macro";
                let is_seen = || {
                    let mut after = self.items[at + 1..].iter();
                    let hides =
                        |other: &Rc<Item>| other.kind == "macro" && old.is_replaced_by(other);
                    old.normalized != item.normalized || after.any(hides)
                };
                if is_macro && old.is_replaced_by(&item) && is_seen() {
                    // The items between the two see the first one (The Rust Reference, "Textual scope").
                    at += 1;
                } else if old.is_replaced_by(&item) {
                    if old.normalized != item.normalized && !self.is_aside(&old) {
                        changes.replaced = true;
                        if is_part_of_types(&old) {
                            changed.extend(old.names.iter().map(|(_, name)| name.clone()));
                        }
                    }
                    place = place.or(Some(at));
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

    /// Whether an item of the notebook defines a type or a trait of this name.
    pub fn defines_type(&self, name: &str) -> bool {
        let mut items = self.items.iter();
        items.any(|item| item.defines(Space::Types, name))
    }

    /// Whether an `impl` block of the notebook defines a member of this name.
    pub fn defines_member(&self, name: &str) -> bool {
        let headers = self.items.iter().filter_map(|item| item.header.as_ref());
        let mut members = headers.flat_map(|header| &header.members);
        members.any(|(other, _)| other == name)
    }

    /// Returns whether a variable is `mut` whose `let` waits for a later cell; `None` if there is none.
    pub fn waiting(&self, name: &str) -> Option<bool> {
        let waiting = self.deferred.iter();
        let waiting = waiting.filter(|deferred| deferred.reason == Reason::Unfinished);
        let mut variables = waiting.flat_map(|deferred| &deferred.variables);
        let found = variables.find(|(other, _)| other == name);
        found.map(|(_, is_mut)| *is_mut)
    }

    /// Adds a deferred `let`, in place of those of the same names.
    pub fn wait(&mut self, deferred: Deferred) {
        self.deferred.retain(|other| {
            !deferred
                .variables
                .iter()
                .any(|(name, _)| other.defines(name))
        });
        let place = self
            .deferred
            .partition_point(|other| other.cell <= deferred.cell);
        // A `let` that needs this one may have been found first.
        let needs_it = |other: &Deferred| {
            let mut variables = deferred.variables.iter();
            other.cell == deferred.cell && variables.any(|(name, _)| other.mentions.contains(name))
        };
        let place = self.deferred.iter().position(needs_it).unwrap_or(place);
        self.deferred.insert(place, deferred);
    }

    /// Removes a variable and those that borrow from it, and notes why; the next cell drops their values.
    pub fn end(&mut self, name: &str, cell: u32, why: &str) {
        let borrower = |session: &Session| {
            let mut variables = session.variables.iter();
            let borrows = |other: &&Variable| other.borrows_from(name) && other.name != name;
            variables.find(borrows).cloned()
        };
        while let Some(borrower) = borrower(self) {
            let why = format!("`{name}`, from which it borrowed, is gone");
            self.end(&borrower.name, borrower.cell, &why);
        }
        self.note_end(name, cell, why);
        self.variables.retain(|variable| variable.name != name);
        self.to_forget.push(name.to_owned());
    }

    /// Forgets all variables, since the process that held them has ended.
    pub fn lose_variables(&mut self, why: &str) {
        for variable in std::mem::take(&mut self.variables) {
            self.note_end(&variable.name, variable.cell, why);
        }
        self.deferred.clear();
        self.to_forget.clear();
        self.statics.clear();
    }

    fn note_end(&mut self, name: &str, cell: u32, why: &str) {
        let note = format!("`{name}` of cell {cell} is gone: {why}");
        self.ended.insert(name.to_owned(), note);
    }

    /// Whether values of a type can change without `mut`, judging by names: those in the type and in the user's types that it
    /// contains.
    pub fn shares_state(&self, ty: &str) -> bool {
        const SHARED: [&str; 13] = [
            "Cell",
            "RefCell",
            "OnceCell",
            "LazyCell",
            "Mutex",
            "RwLock",
            "OnceLock",
            "LazyLock",
            "Rc",
            "Arc",
            "Weak",
            "UnsafeCell",
            "dyn",
        ];
        let mut open: Vec<String> = names(ty, Edition::CURRENT).into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if SHARED.contains(&name.as_str()) || name.starts_with("Atomic") {
                return true;
            }
            let types = self.items.iter().filter(|item| is_part_of_types(item));
            for item in types.filter(|item| item.names.iter().any(|(_, other)| *other == name)) {
                let mentions = item.mentions.iter();
                open.extend(
                    mentions
                        .filter(|mention| seen.insert((*mention).clone()))
                        .cloned(),
                );
            }
        }
        ty.contains("dyn ")
    }

    /// Whether dropping the variable runs a `Drop` of the notebook.
    pub fn has_own_drop(&self, variable: &Variable) -> bool {
        let types = variable.mentions();
        let headers = self.items.iter().filter_map(|item| item.header.as_ref());
        let mut drops =
            headers.filter(|header| header.is_trait && header.mentions.contains("Drop"));
        drops.any(|header| !header.mentions.is_disjoint(&types))
    }

    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }
}

/// Whether an attribute makes a lint warn or fail. Much that one cell does not use is used in another.
fn is_lint_against(attribute: &str) -> bool {
    let text: String = attribute.split_whitespace().collect();
    ["#![warn(", "#![deny(", "#![forbid("]
        .iter()
        .any(|begin| text.starts_with(begin))
}

/// Whether a type may depend on the item. A constant may be the length of an array.
fn is_part_of_types(item: &Item) -> bool {
    matches!(
        item.kind,
        "struct" | "enum" | "union" | "type" | "trait" | "mod" | "const"
    )
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
