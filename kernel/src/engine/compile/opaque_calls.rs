//! Calls of functions whose results have a type `impl …`. An earlier result is stored as a trait object, so where it meets a new one,
//! that must become the same.

use super::Compilation;
use super::trait_objects::is_for_objects;
use crate::engine::cell::{calls, result_traits};
use crate::engine::rustc::{Diagnostic, split};
use crate::engine::session::Selection;
use crate::engine::source::Cast;
use regex::Regex;
use std::sync::LazyLock;

impl Compilation<'_> {
    /// Plans casts of the cell's calls to the types under which earlier results of such functions are stored, if rustc says that
    /// types differ of which one is opaque. Returns whether there are any new ones.
    pub(super) fn cast_calls(&mut self, errors: &[Diagnostic], selection: &Selection) -> bool {
        let is_known = !self.state.learned.calls.is_empty();
        if is_known || !errors.iter().any(Diagnostic::is_about_opaque_type) {
            return false;
        }
        let stored = selection.variables.iter().filter_map(|variable| {
            let traits = variable.shown.strip_prefix("impl ")?;
            Some((without_paths(traits), Cast::to(&variable.ty)?))
        });
        let stored: Vec<(Vec<String>, Cast)> = stored.collect();
        for range in self.cell.ranges() {
            for (name, call) in calls(&self.cell.code[range.clone()], self.cell.edition) {
                let cast = self.result_traits(&name).and_then(|traits| {
                    let same = stored.iter().find(|(other, _)| *other == traits);
                    let alike = |(other, _): &&(Vec<String>, Cast)| names(other) == names(&traits);
                    same.or(stored.iter().find(alike))
                });
                if let Some((_, cast)) = cast {
                    let place = range.start + call.start..range.start + call.end;
                    self.state.learned.calls.push((place, cast.clone()));
                }
            }
        }
        !self.state.learned.calls.is_empty()
    }

    /// Returns the traits of the result of the notebook's function or method of this name.
    fn result_traits(&self, name: &str) -> Option<Vec<String>> {
        let items = self.session.items.iter();
        let mut functions = items.flat_map(|item| item.functions(name));
        let traits = functions.find_map(|text| result_traits(text, self.cell.edition))?;
        Some(without_paths(&traits))
    }
}

/// Returns those traits of a list that a trait object can have, without paths and lifetimes, which can be omitted.
fn without_paths(traits: &str) -> Vec<String> {
    static OMITTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:\b\w+)?::|\bfor<[^>]*> ?|'\w+ ").expect("a valid pattern")
    });
    let traits = split(&OMITTED.replace_all(traits, ""), '+').into_iter();
    traits.filter(|of| is_for_objects(of)).collect()
}

/// Returns the names of traits without their arguments, in order.
fn names(traits: &[String]) -> Vec<&str> {
    let names = traits.iter().filter_map(|of| of.split(['<', '(']).next());
    names.collect()
}
