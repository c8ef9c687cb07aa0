//! Macros that name variables of the function around them.

use super::{Session, Variable};
use crate::cell::Space;
use crate::engine::cell::{Cell, Item, macro_variables, with_renamed_variable};
use ra_ap_parser::Edition;
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

impl Session {
    /// Returns the macros that the cell calls and that name variables; adds these to `names`, which are those of the cell.
    pub(super) fn macros_with_variables(
        &self,
        cell: &Cell,
        names: &mut BTreeSet<String>,
    ) -> Vec<Rc<Item>> {
        let mut open: Vec<String> = names.iter().cloned().collect();
        let mut seen: BTreeSet<String> = names.clone();
        let mut found = Vec::new();
        while let Some(name) = open.pop() {
            let macros = self.items.iter().filter(|item| item.kind == "macro");
            for item in macros.filter(|item| item.defines(Space::Macros, &name)) {
                let mut variables = macro_variables(&item.text, cell.edition);
                variables.retain(|name| self.has_before(name, item, cell));
                if !variables.is_empty() {
                    found.push(item.clone());
                }
                names.extend(variables);
                let mentions = item.mentions.iter();
                let new = mentions.filter(|mention| seen.insert((*mention).clone()));
                open.extend(new.cloned());
            }
        }
        found
    }

    /// Whether there is a variable of this name that was defined before the macro, or is a variable of the cell that defines both.
    fn has_before(&self, name: &str, item: &Item, cell: &Cell) -> bool {
        let is_own = cell.items.iter().any(|own| own.cell == item.cell);
        let mut deferred = self.deferred.iter();
        is_own && cell.binding(name).is_some()
            || self
                .variable(name)
                .is_some_and(|found| found.cell <= item.cell)
            || deferred.any(|found| found.cell <= item.cell && found.defines(name))
    }

    /// Whether a macro before cell `number` names the variable.
    pub fn is_in_macro(&self, variable: &Variable, number: u32, edition: Edition) -> bool {
        let mut items = self.items.iter();
        items.any(|item| names(item, &variable.name, variable.cell..number, edition))
    }

    /// Gives a variable another name in the macros of these cells that name it.
    pub fn rename_in_macros(
        &mut self,
        name: &str,
        other: &str,
        cells: Range<u32>,
        edition: Edition,
    ) {
        let mut renamed = Vec::new();
        for item in &mut self.items {
            if !names(item, name, cells.clone(), edition) {
                continue;
            }
            let text = with_renamed_variable(&item.text, name, other, edition);
            let made = Item::all(&text, item.start, item.cell, edition).into_iter();
            if let Some(made) = made.map(Rc::new).next() {
                renamed.push((std::mem::replace(item, made.clone()), made));
            }
        }
        self.keep_aside(&renamed);
    }
}

/// Whether the item is a macro of these cells that names the variable.
fn names(item: &Item, name: &str, cells: Range<u32>, edition: Edition) -> bool {
    item.kind == "macro"
        && cells.contains(&item.cell)
        && item.mentions.contains(name)
        && macro_variables(&item.text, edition).contains(name)
}
