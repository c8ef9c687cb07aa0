//! What a notebook has so far: items, variables, statics.

mod forwarding;
mod imports;
mod selection;
mod statics;
#[cfg(test)]
mod tests;
mod variable;

use imports::{imported_names, without_imports};
pub use selection::{Selection, select};
pub use statics::Statics;
pub use variable::{Deferred, Openness, Reason, Variable, is_copy};

use super::cell::{Cell, Item, Macros, names};
use crate::cell::Space;
use ra_ap_parser::Edition;
use ra_ap_syntax::ast::{self, HasModuleItem};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

#[derive(Debug, Clone, Default)]
pub struct Session {
    /// In the order of the source: textual for macros, which must come before what uses them.
    pub items: Vec<Rc<Item>>,
    /// In the order in which they were defined.
    pub variables: Vec<Variable>,
    pub deferred: Vec<Deferred>,
    pub statics: Statics,
    /// Attributes for the whole, such as `#![feature(…)]`.
    pub attributes: Vec<String>,
    /// Variables that are not there any more, each with why.
    pub ended: HashMap<String, String>,
    /// Variables to be dropped when the next cell runs.
    pub to_forget: BTreeSet<String>,
}

/// What new items did to those of earlier cells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether any was replaced, so that others may not fit any more.
    pub replaced: bool,
    /// Lines for the user.
    pub notes: Vec<String>,
}

impl Session {
    /// The macros that the next cell can call.
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

    /// Adds the items of a cell. A later one takes the place of an earlier one of the same name; what belongs to types that are
    /// others now goes.
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
        // A name that is imported again is the later one.
        self.forget_imports(&imported_names(&cell.items, cell.edition), cell.edition);
        let earlier = self.items.len();
        let mut is_earlier = vec![true; earlier];
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
                if is_macro && old.is_replaced_by(&item) && old.normalized != item.normalized {
                    // What stands between the two sees the first one (The Rust Reference, "Textual scope").
                    at += 1;
                } else if old.is_replaced_by(&item) {
                    if old.normalized != item.normalized {
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
                        Some(rest) => self.items[at] = Rc::new(rest),
                        None => {
                            self.items.remove(at);
                            is_earlier.remove(at);
                        }
                    }
                } else {
                    at += 1;
                }
            }
            // A macro that is defined again as it was stays where it was, before what uses it; all else may use the macros of this cell.
            let is_macro = item.names.iter().any(|(space, _)| *space == Space::Macros);
            let place = place.filter(|_| is_macro).unwrap_or(self.items.len());
            self.items.insert(place, item);
            is_earlier.insert(place, false);
        }
        self.follow_types(&mut changed);
        self.statics.forget_types(&changed);
        self.forget_variables_of(&changed, &mut changes);
        changes
    }

    /// Takes these names out of the `use` items.
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

    /// Adds the types that are made of changed ones.
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
        let (lost, kept) = std::mem::take(&mut self.variables)
            .into_iter()
            .partition(|variable: &Variable| !variable.mentions().is_disjoint(changed));
        self.variables = kept;
        for variable in lost {
            let why = format!("the type `{}` was redefined", variable.shown);
            changes.notes.push(format!(
                "`{}` of cell {} is lost: {why}",
                variable.name, variable.cell
            ));
            self.end(&variable.name, variable.cell, &why);
        }
    }

    /// Forgets the variables whose types are of crates that are others now; lines for the user.
    pub fn forget_crates(&mut self, names: &[String]) -> Vec<String> {
        let changed: BTreeSet<String> = names.iter().cloned().collect();
        let mut changes = Changes::default();
        self.forget_variables_of(&changed, &mut changes);
        changes.notes
    }

    /// Takes an item of an earlier cell away, since it does not fit to what came later; of a `use`, only the `name` that is taken
    /// by another item, if that is why.
    pub fn set_aside(&mut self, item: &Rc<Item>, name: Option<&str>, edition: Edition) {
        let names = name.map(str::to_owned).into_iter().collect();
        if item.kind == "use" && without_imports(item, &names, edition).is_some() {
            return self.forget_imports(&names, edition);
        }
        self.items.retain(|other| !Rc::ptr_eq(other, item));
    }

    /// Adds a `let` that waits, in place of those of the same names.
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
        // One that needs it may have been found first.
        let needs_it = |other: &Deferred| {
            let mut variables = deferred.variables.iter();
            other.cell == deferred.cell && variables.any(|(name, _)| other.mentions.contains(name))
        };
        let place = self.deferred.iter().position(needs_it).unwrap_or(place);
        self.deferred.insert(place, deferred);
    }

    /// Notes why a variable is not there any more, and has it dropped.
    pub fn end(&mut self, name: &str, cell: u32, why: &str) {
        self.note_end(name, cell, why);
        self.variables.retain(|variable| variable.name != name);
        self.to_forget.insert(name.to_owned());
    }

    /// Forgets all variables, since the process that had them has ended.
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

    /// Whether values of a type can change though they are not `mut`, as far as names tell: those in it, and in the user's types that
    /// it is made of.
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

    /// Whether something of the notebook's runs when the variable is dropped.
    pub fn has_own_drop(&self, variable: &Variable) -> bool {
        let types = variable.mentions();
        let headers = self.items.iter().filter_map(|item| item.header.as_ref());
        let mut drops =
            headers.filter(|header| header.is_trait && header.mentions.contains("Drop"));
        drops.any(|header| !header.mentions.is_disjoint(&types))
    }

    /// Whether a variable that is lent is no longer so in a cell's selection: the cell has a copy of it, for it changes or moves it.
    pub fn is_taken_back(&self, selected: &Variable) -> bool {
        let here = self.variable(&selected.name);
        selected.lent_to.is_none() && here.is_some_and(|variable| variable.lent_to.is_some())
    }

    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }
}

/// Whether an attribute is for a lint that finds fault. In a cell, much is unused that is used in another one.
fn is_lint_against(attribute: &str) -> bool {
    let text: String = attribute.split_whitespace().collect();
    ["#![warn(", "#![deny(", "#![forbid("]
        .iter()
        .any(|begin| text.starts_with(begin))
}

/// Whether types may be made of what the item defines. The length of an array may be a constant.
fn is_part_of_types(item: &Item) -> bool {
    matches!(
        item.kind,
        "struct" | "enum" | "union" | "type" | "trait" | "mod" | "const"
    )
}

/// The old `impl` block without what a new one for the same type defines; the inner `None` if nothing is left, the outer one if
/// they have nothing to do with each other.
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
