//! The session: a notebook's items, variables and statics so far.

mod aliases;
mod aside;
mod definition;
mod forwarding;
mod imports;
mod loan;
mod macros;
mod openness;
mod parts;
mod selection;
mod static_lifetimes;
mod statics;
#[cfg(test)]
mod tests;
mod variable;

pub use aside::SetAside;
pub use loan::{Loan, is_within};
pub use openness::{OpenItems, OpenType, Openness};
pub use selection::{Selection, select};
pub use statics::Statics;
pub use variable::{Deferred, Reason, Variable, hidden_name, is_copy};

use super::cell::{Header, Item, Macros, names};
use crate::cell::Space;
use aliases::Aliases;
use imports::imported_names;
use ra_ap_parser::Edition;
use ra_ap_syntax::ast::{self, HasModuleItem};
use static_lifetimes::with_anonymous_lifetimes;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// How the notes on moved variables end.
const MOVED_IT: &str = "moved it";

/// Returns why a variable ends that cell `number` moves.
pub fn moved_by(number: u32) -> String {
    format!("cell {number} {MOVED_IT}")
}

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

    /// Whether the notebook has a variable, an item or an import of this name.
    pub fn defines(&self, name: &str, edition: Edition) -> bool {
        let mut items = self.items.iter();
        let mut imports = self.items.iter().map(Rc::as_ref);
        self.has_variable(name)
            || items.any(|item| item.names.iter().any(|(_, other)| other == name))
            || imported_names(&mut imports, edition).contains(name)
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

    /// Whether there is a variable of this name, or one whose `let` waits for a later cell.
    pub fn has_variable(&self, name: &str) -> bool {
        self.variable(name).is_some() || self.waiting(name).is_some()
    }

    /// Returns whether a variable is `mut` whose `let` waits for a later cell; `None` if there is none.
    pub fn waiting(&self, name: &str) -> Option<bool> {
        let waiting = self.deferred.iter();
        let waiting = waiting.filter(|deferred| deferred.reason == Reason::Unfinished);
        let mut variables = waiting.flat_map(|deferred| &deferred.variables);
        let found = variables.find(|(other, _)| other == name);
        found.map(|(_, is_mut)| *is_mut)
    }

    /// Whether later cells repeat the `let` of a variable, which borrows.
    pub fn is_repeated(&self, name: &str) -> bool {
        let mut repeated = self.deferred.iter();
        repeated.any(|deferred| deferred.reason == Reason::Borrows && deferred.defines(name))
    }

    /// Adds a deferred `let`, in place of those of the same names. One whose value is made from the variable that it replaces keeps that
    /// under another name.
    pub fn wait(&mut self, mut deferred: Deferred) {
        for (name, _) in deferred.variables.clone() {
            let is_read = deferred.reason == Reason::Unfinished && deferred.reads(&name);
            let mut waiting = self.deferred.iter_mut();
            let replaced = waiting.find(|other| {
                is_read && other.reason == Reason::Unfinished && other.defines(&name)
            });
            let Some(replaced) = replaced else {
                continue;
            };
            let other = hidden_name(&name, replaced.cell);
            if replaced.rename(&name, &other) {
                deferred.rename_lender(&name, &other, Edition::CURRENT);
                let readers = self
                    .deferred
                    .iter_mut()
                    .filter(|reader| reader.needs(&name));
                readers.for_each(|reader| reader.rename_lender(&name, &other, Edition::CURRENT));
            }
        }
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
            other.cell == deferred.cell && variables.any(|(name, _)| other.reads(name))
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
        if let Some(lost) = self.variable(name).filter(|lost| lost.can_borrow_again()) {
            let declared = Deferred::declared(name, &lost.ty, lost.cell);
            self.wait(declared);
        }
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

    /// Notes that a cell, which would have defined these names, failed, and `why`.
    pub fn note_failure(
        &mut self,
        names: &BTreeSet<String>,
        cell: u32,
        why: &str,
        edition: Edition,
    ) {
        let missing = names.iter().filter(|name| !self.defines(name, edition));
        let notes = missing.map(|name| {
            let note = format!("cell {cell} defines `{name}`, but {why}");
            (name.clone(), note)
        });
        let notes: Vec<_> = notes.collect();
        self.ended.extend(notes);
    }

    /// Returns the note on a variable that a cell has moved.
    pub fn moved(&self, name: &str) -> Option<&String> {
        self.ended.get(name).filter(|note| note.ends_with(MOVED_IT))
    }

    fn note_end(&mut self, name: &str, cell: u32, why: &str) {
        let note = format!("`{name}` of cell {cell} is gone: {why}");
        self.ended.insert(name.to_owned(), note);
    }

    /// Whether values of a type can change without `mut`, judging by names: those in the type and in the user's types that it
    /// contains.
    pub fn shares_state(&self, ty: &str) -> bool {
        const OTHERS: [&str; 6] = ["LazyCell", "LazyLock", "Rc", "Arc", "Weak", "dyn"];
        let within = self.names_within(ty);
        let mut names = within.iter();
        names.any(|name| is_cell(name) || OTHERS.contains(&name.as_str())) || ty.contains("dyn ")
    }

    /// Whether code with these names may read something that other code can change: a static, or what is in a cell or a lock.
    pub fn reads_state(&self, names: &BTreeSet<String>) -> bool {
        let sites = self.items.iter().flat_map(|item| &item.sites);
        let mut statics = sites.flat_map(|site| &site.declarations);
        statics.any(|declared| names.contains(&declared.name))
            || self
                .with_contained(names.clone())
                .iter()
                .any(|name| is_cell(name))
    }

    /// Returns the type that a `let` gives its variable, such that it means the same in later cells, and shows where it may
    /// borrow.
    pub fn written_type(&self, ty: &str, edition: Edition) -> String {
        self.with_whole_paths(&with_anonymous_lifetimes(ty, &self.items), edition)
    }

    /// Whether dropping a value of a type may run a `Drop` of the notebook, judging by names.
    pub fn has_own_drop(&self, ty: &str) -> bool {
        self.drops_one_of(&self.names_within(ty))
    }

    /// Whether others may see that a value of a type is dropped, judging by names: they count its owners, or it has a type that is not
    /// known and may have a `Drop` of the notebook.
    pub fn shares_ownership(&self, ty: &str) -> bool {
        let within = self.names_within(ty);
        let is_counted = ["Rc", "Arc", "Weak"]
            .iter()
            .any(|name| within.contains(*name));
        is_counted || ty.contains("dyn ") && self.drops().next().is_some()
    }

    /// Returns the names in a type and in the user's types that it contains.
    fn names_within(&self, ty: &str) -> BTreeSet<String> {
        self.with_contained(names(ty, Edition::CURRENT))
    }

    /// Adds the names in the user's types among these.
    fn with_contained(&self, mut found: BTreeSet<String>) -> BTreeSet<String> {
        let mut open: Vec<String> = found.iter().cloned().collect();
        while let Some(name) = open.pop() {
            let types = self.items.iter().filter(|item| is_part_of_types(item));
            for item in types.filter(|item| item.names.iter().any(|(_, other)| *other == name)) {
                let mentions = item.mentions.iter();
                let new = mentions.filter(|mention| found.insert((*mention).clone()));
                open.extend(new.cloned());
            }
        }
        found
    }

    /// Whether the notebook implements `Drop` for a type among these names.
    pub fn drops_one_of(&self, names: &BTreeSet<String>) -> bool {
        let aliases = Aliases::of(self);
        let types = aliases.resolved(names);
        let mut drops = self.drops();
        drops.any(|header| !aliases.resolved(&header.mentions).is_disjoint(&types))
    }

    /// Returns the headers of the notebook's implementations of `Drop`.
    fn drops(&self) -> impl Iterator<Item = &Header> {
        let headers = self.items.iter().filter_map(|item| item.header.as_ref());
        headers.filter(|header| header.is_trait && header.mentions.contains("Drop"))
    }

    /// Returns these names and those of all variables from which the variables of these names borrow, also through others.
    pub fn with_lenders(&self, mut names: BTreeSet<String>) -> BTreeSet<String> {
        let mut open: Vec<String> = names.iter().cloned().collect();
        while let Some(name) = open.pop() {
            let variable = self.variable(&name);
            for loan in variable.iter().flat_map(|variable| &variable.loans) {
                if names.insert(loan.lender.clone()) {
                    open.push(loan.lender.clone());
                }
            }
        }
        names
    }

    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }
}

/// Whether a type of this name holds what can change behind a shared reference.
fn is_cell(name: &str) -> bool {
    const CELLS: [&str; 7] = [
        "Cell",
        "RefCell",
        "OnceCell",
        "Mutex",
        "RwLock",
        "OnceLock",
        "UnsafeCell",
    ];
    CELLS.contains(&name) || name.starts_with("Atomic")
}

/// Whether a type may depend on the item. A constant may be the length of an array.
fn is_part_of_types(item: &Item) -> bool {
    matches!(
        item.kind,
        "struct" | "enum" | "union" | "type" | "trait" | "mod" | "const"
    )
}
