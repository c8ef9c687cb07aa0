//! Parses a cell's Rust code into items, statements and the variables that these define.

mod balance;
mod calls;
mod changes;
mod closures;
mod expanded;
mod expansion;
mod item;
mod macro_calls;
mod macro_variables;
mod mixed_bindings;
mod moving;
mod operands;
mod parse;
mod pattern;
mod purity;
mod references;
mod statement;
mod static_items;
mod temporaries;
mod tokens;
mod usage;

pub use balance::{is_balanced, is_too_dense};
pub use calls::{Container, OpaqueResult, calls, opaque_result};
pub use changes::{Changes, changes};
pub use closures::closure_at;
pub use expansion::Macros;
pub use item::{Header, Item};
pub use macro_variables::{macro_variables, with_renamed_variable};
pub use mixed_bindings::BindingByMove;
pub use moving::moving;
pub use operands::{Operands, operands};
pub use parse::parse;
pub use purity::{is_pure, only_changes_values};
pub use references::{Kind, Reference, references, renamed};
pub use statement::{Let, Statement, Value, with_renamed_binding};
pub use static_items::{Declaration, StaticItem};
pub use tokens::{names, variables, words};
pub use usage::may_be_moved;

use ra_ap_parser::Edition;
use std::collections::BTreeSet;
use std::ops::Range;

/// A parsed cell. All ranges are bytes of its code.
#[derive(Debug)]
pub struct Cell {
    /// The cell's whole text, with blanks in place of command lines.
    pub code: String,
    pub edition: Edition,
    /// Inner attributes, `#![…]`, at its beginning.
    pub attributes: Vec<Range<usize>>,
    pub items: Vec<Item>,
    pub statements: Vec<Statement>,
    /// The last expression, if no semicolon follows it.
    pub result: Option<Range<usize>>,
    /// Whether its statements can leave with an error, by `?` or `return`.
    pub can_fail: bool,
    /// Whether its statements can leave by `return`.
    pub returns: bool,
    /// Whether its statements await something.
    pub awaits: bool,
}

impl Cell {
    /// Returns a cell that is not parsed.
    pub fn unread(code: &str, edition: Edition) -> Cell {
        Cell {
            code: code.to_owned(),
            edition,
            attributes: Vec::new(),
            items: Vec::new(),
            statements: Vec::new(),
            result: None,
            can_fail: false,
            returns: false,
            awaits: false,
        }
    }

    /// Returns the bytes of the statements and of the result.
    pub fn ranges(&self) -> impl Iterator<Item = &Range<usize>> {
        let statements = self.statements.iter();
        statements
            .map(|statement| &statement.range)
            .chain(&self.result)
    }

    /// Whether these bytes of the cell contain a name.
    pub fn mentions(&self, range: &Range<usize>, name: &str) -> bool {
        names(&self.code[range.clone()], self.edition).contains(name)
    }

    /// Returns all names in the statements and the result.
    pub fn names(&self) -> BTreeSet<String> {
        self.ranges()
            .flat_map(|range| names(&self.code[range.clone()], self.edition))
            .collect()
    }

    /// Whether the cell's first use of a name is to define a variable.
    pub fn begins_with(&self, name: &str) -> bool {
        let first = self
            .statements
            .iter()
            .find(|statement| self.mentions(&statement.range, name));
        first
            .and_then(|first| first.binding.as_ref())
            .is_some_and(|binding| {
                binding.defines(name) && !names(binding.value_text(), self.edition).contains(name)
            })
    }

    /// Whether the cell contains nothing but comments.
    pub fn is_empty(&self) -> bool {
        self.has_only_items() && self.items.is_empty() && self.attributes.is_empty()
    }

    /// Whether the cell has nothing to run.
    pub fn has_only_items(&self) -> bool {
        self.statements.is_empty() && self.result.is_none()
    }

    /// Returns the bytes of the closure that begins at byte `start`.
    pub fn closure_at(&self, start: usize) -> Option<Range<usize>> {
        let around = |statement: &&Statement| statement.range.contains(&start);
        let statement = &self.statements.iter().find(around)?.range;
        let text = &self.code[statement.clone()];
        let found = closure_at(text, start - statement.start, self.edition)?;
        Some(found.start + statement.start..found.end + statement.start)
    }

    /// Returns the byte after a `let` of the cell; 0 for any other `let`.
    pub fn end_of(&self, binding: &Let) -> usize {
        let is_it = |statement: &&Statement| {
            statement
                .binding
                .as_ref()
                .is_some_and(|other| std::ptr::eq(other, binding))
        };
        self.statements
            .iter()
            .find(is_it)
            .map_or(0, |statement| statement.range.end)
    }

    /// Returns the bytes of the last statement that names a variable; `None` if the result names it, which comes after all statements.
    pub fn last_use(&self, name: &str) -> Option<&Range<usize>> {
        let uses = |range: &&Range<usize>| self.mentions(range, name);
        if self.result.as_ref().is_some_and(|result| uses(&result)) {
            return None;
        }
        let mut statements = self.statements.iter().map(|statement| &statement.range);
        statements.rfind(uses)
    }

    /// Returns the last `let` that defines a variable.
    pub fn binding(&self, name: &str) -> Option<&Let> {
        let variables = self.variables().into_iter();
        variables
            .filter(|(_, other, _)| *other == name)
            .map(|(binding, ..)| binding)
            .next()
    }

    /// Returns the start of the last statement that defines a variable.
    pub fn start_of(&self, name: &str) -> Option<usize> {
        let defines = |statement: &&Statement| {
            statement
                .binding
                .as_ref()
                .is_some_and(|binding| binding.defines(name))
        };
        self.statements
            .iter()
            .rfind(defines)
            .map(|statement| statement.range.start)
    }

    /// Returns the end of the statement that defines the variable that a name means at byte `at`; 0 if the cell does not define it.
    pub fn end_of_definition(&self, name: &str, at: usize) -> usize {
        let defines = |statement: &&Statement| {
            let binding = statement.binding.as_ref();
            statement.range.end <= at && binding.is_some_and(|binding| binding.defines(name))
        };
        let definition = self.statements.iter().rfind(defines);
        definition.map_or(0, |statement| statement.range.end)
    }

    /// Returns whether the variable that a name means at byte `at` is `mut`; `None` if the cell does not define it.
    pub fn definition_before(&self, name: &str, at: usize) -> Option<bool> {
        let before = self
            .statements
            .iter()
            .filter(|statement| statement.range.end <= at);
        let bindings = before.filter_map(|statement| statement.binding.as_ref());
        let mut variables = bindings.flat_map(|binding| &binding.variables);
        variables
            .rfind(|(other, _)| other == name)
            .map(|(_, is_mut)| *is_mut)
    }

    /// Returns the end of the first `let` that hides what a name means at byte `at`.
    pub fn hidden_from(&self, name: &str, at: usize) -> Option<usize> {
        let after = self
            .statements
            .iter()
            .filter(|statement| statement.range.start >= at);
        let hides = |binding: &Let| binding.defines(name);
        let mut hiding = after.filter(|statement| statement.binding.as_ref().is_some_and(hides));
        hiding.next().map(|statement| statement.range.end)
    }

    /// Returns the variables that the cell defines, each with its last `let` and whether it is `mut`.
    pub fn variables(&self) -> Vec<(&Let, &str, bool)> {
        let lets = self
            .statements
            .iter()
            .filter_map(|statement| statement.binding.as_ref());
        let mut found: Vec<(&Let, &str, bool)> = Vec::new();
        for binding in lets {
            for (name, mutable) in &binding.variables {
                found.retain(|(_, other, _)| other != name);
                found.push((binding, name, *mutable));
            }
        }
        found
    }

    /// Returns the names of the variables and items that the cell defines.
    pub fn defined_names(&self) -> BTreeSet<String> {
        let variables = self.variables().into_iter();
        let variables = variables.map(|(_, name, _)| name.to_owned());
        let items = self.items.iter().flat_map(|item| &item.names);
        variables
            .chain(items.map(|(_, name)| name.clone()))
            .collect()
    }
}
