//! How a cell takes variables of earlier cells, and stores variables for later ones.

use super::map::{Source, Use};
use super::moved_parts::{MovedParts, incomplete};
use super::program::{PersistedVariable, Program};
use super::taking::{StoredValues, shortened, take_variables, untied};
use crate::engine::rustc::{with_other_integer, with_other_items, with_other_numbers};
use crate::engine::session::{Openness, Variable};

impl Program<'_> {
    /// Adds the statements that take those variables of earlier cells for which `is_wanted` holds.
    pub(super) fn take_variables(
        &self,
        source: &mut Source,
        is_wanted: impl Fn(&Variable) -> bool,
    ) {
        let all: Vec<_> = self.selection.variables.iter().collect();
        let variables: Vec<_> = all
            .iter()
            .copied()
            .filter(|variable| is_wanted(variable))
            .collect();
        take_variables(source, &variables, &all, self.cell, self.edits, self);
    }

    /// Returns the parts of the variable that has this name at the end of the cell.
    pub(super) fn parts(&self, name: &str) -> &MovedParts {
        match self.cell.binding(name) {
            Some(_) => &self.edits.parts,
            None => &self.edits.earlier_parts,
        }
    }

    /// Whether the cell refills a partially moved variable. Then the cell itself stores the variable, since a closure cannot
    /// borrow the missing parts.
    pub(super) fn gets_parts_back(&self, variable: &Variable) -> bool {
        let mut left = self.left.iter();
        let is_left = left.any(|left| left.variable.name == variable.name);
        is_left && !variable.moved_parts.is_empty() && self.moved.contains(&variable.name)
    }

    /// Whether the cell itself takes and stores this variable of an earlier cell, which borrows from nothing.
    pub(super) fn is_lender_inside(&self, name: &str) -> bool {
        let mut left = self.left.iter().map(|left| &left.variable);
        self.inside.contains(name)
            && self.cell.binding(name).is_none()
            && left.any(|variable| variable.name == name && variable.loans.is_empty())
    }

    /// Adds the statements that store these variables; `what` is [`Use::Put`] or [`Use::PutBack`].
    pub(super) fn put<'a>(
        &self,
        source: &mut Source,
        left: impl IntoIterator<Item = &'a PersistedVariable>,
        what: Use,
    ) {
        for PersistedVariable { variable, value } in left {
            let (name, ty) = (&variable.name, variable.stored_type());
            let value = untied(variable, value);
            let (ty, value) = self.parts(name).stored(name, ty, value);
            let line = format!("threadbook_variables.put::<{ty}>({name:?}, {value});");
            source.use_variable(&line, what, name);
        }
    }
}

impl StoredValues for Program<'_> {
    /// A variable that this cell is the first to anchor or to leak is stored otherwise, and its numbers may turn out to have other
    /// types.
    fn value(&self, variable: &Variable) -> String {
        let name = &variable.name;
        let before = self.session.variable(name).unwrap_or(variable);
        let stored = Variable {
            is_anchored: before.is_anchored,
            is_leaked: before.is_leaked,
            ..variable.clone()
        };
        let ty = stored.stored_type();
        let taken = match variable.moved_parts.is_empty() {
            true => format!("threadbook_variables.take::<{ty}>({name:?})"),
            false => format!(
                "threadbook_variables.take::<{}>({name:?}).into_inner()",
                incomplete(&ty)
            ),
        };
        let value = match (self.numbers.get(name), &variable.openness) {
            (Some(_), Openness::Convertible(open)) => {
                let what = format!("a number in `{name}` of cell {}", variable.cell);
                with_other_numbers(&open.shown, &open.structs, &taken, &what)
            }
            (Some(_), Openness::Items(items)) => {
                let what = format!("an item of `{name}` of cell {}", variable.cell);
                with_other_items(&items.item, &taken, &what)
            }
            (Some(number), _) if before.ty == "i32" => {
                let what = format!("`{name}` of cell {}", variable.cell);
                Some(with_other_integer(&taken, number, &what))
            }
            (Some(number), _) => Some(format!("{taken} as {number}")),
            (None, _) => None,
        };
        let value = value.unwrap_or(taken);
        let value = match variable.is_anchored && !stored.is_anchored {
            true => format!("::std::boxed::Box::new({value})"),
            false => value,
        };
        match variable.is_leaked && !stored.is_leaked {
            true => format!("&*::std::boxed::Box::leak({value})"),
            false => value,
        }
    }

    fn take(&self, source: &mut Source, variable: &Variable, mutable: &str) {
        // The type is written again here, where its lifetimes may be shorter than `'static`.
        let (name, here) = (&variable.name, self.in_cell(variable).stored_type());
        let value = match self.begin_to_borrow.contains(name) {
            true => shortened(variable, &self.value(variable)),
            false => self.value(variable),
        };
        let line = format!("let {mutable}{name}: {here} = {value};");
        source.use_variable(&line, Use::Take, name);
    }

    fn in_cell(&self, variable: &Variable) -> Variable {
        variable.with_type(self.numbers.get(&variable.name))
    }

    fn moves_at_once(&self, variable: &Variable) -> bool {
        self.inside.contains(&variable.name) || !self.gets_parts_back(variable)
    }
}
