//! Hints that rustc cannot give: about other cells, about items and variables, and about editions.

use super::{Reporter, missing};
use crate::engine::rustc::Diagnostic;

impl Reporter<'_> {
    /// Returns a hint that rustc cannot give.
    pub(super) fn hint(&self, error: &Diagnostic) -> Option<String> {
        let is_about_mut = matches!(error.code(), "E0384" | "E0594" | "E0596");
        let name = self.named(error).filter(|_| is_about_mut);
        let cell = name.and_then(|name| {
            let lets = self.session.deferred.iter();
            let waiting = lets.filter(|deferred| deferred.defines(name));
            let variable = self.session.variable(name);
            let variable = variable.filter(|variable| !variable.is_mut);
            let cell = variable.map(|variable| variable.cell);
            cell.or(waiting.map(|deferred| deferred.cell).next())
        });
        match name.zip(cell) {
            Some((name, cell)) => Some(format!("`let mut {name}` in cell {cell} makes it mutable")),
            None => self
                .hint_of_variables(error)
                .or_else(|| hint_of_crates(error))
                .or_else(|| self.hint_of_editions(error)),
        }
    }

    /// Returns a hint for an item that uses a variable.
    fn hint_of_variables(&self, error: &Diagnostic) -> Option<String> {
        let name = missing(error).filter(|_| error.message.starts_with("cannot find value"))?;
        let place = self.source.in_cell(&error.primary()?.in_source())?;
        let is_in_item = !self.cell.ranges().any(|range| range.contains(&place.start));
        let is_variable = self.session.has_variable(name) || self.cell.binding(name).is_some();
        (is_in_item && is_variable).then(|| {
            format!("`{name}` is a variable, which items cannot use: pass it to a function as an argument, or write a closure, `|| …`")
        })
    }

    /// Returns a hint for code that is valid in an older edition of Rust but not in this one.
    fn hint_of_editions(&self, error: &Diagnostic) -> Option<String> {
        if self.cell.edition != ra_ap_parser::Edition::Edition2024 {
            return None;
        }
        let about = |words: &[&str]| words.iter().any(|word| error.message.contains(word));
        let is_newer = about(&[
            "extern blocks must be",
            "unsafe attribute used without unsafe",
            "keyword `gen`",
            "found `gen`",
            "`gen` blocks",
            "creating a shared reference to mutable static",
            "creating a mutable reference to mutable static",
        ]) || error.code() == "E0133" && about(&["set_var", "remove_var"]);
        is_newer.then(|| {
            "cells use the 2024 edition of Rust; to use the rules of 2021, put `:edition 2021` before the notebook's first Rust code"
                .to_owned()
        })
    }
}

/// Returns a hint for a path that may begin with a crate.
fn hint_of_crates(error: &Diagnostic) -> Option<String> {
    let mut helps = error.children.iter();
    let is_crate = helps.any(|help| help.message.contains("you might be missing a crate"));
    let name = error.quoted().next().filter(|_| is_crate)?;
    Some(format!("`:dep {name} = \"*\"` adds the crate"))
}
