//! Calls of functions whose results have a type `impl …`. An earlier result is stored as a trait object, so where it meets a new one,
//! that must become the same.

use super::Compilation;
use super::trait_objects::is_for_objects;
use crate::engine::cell::{OpaqueResult, calls, opaque_result};
use crate::engine::rustc::{Diagnostic, boxed_objects, split};
use crate::engine::session::{Selection, Variable};
use crate::engine::source::Cast;
use regex::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

impl Compilation<'_> {
    /// Plans casts of the cell's calls to the types under which earlier results of such functions are stored, if rustc says that
    /// types differ of which one is opaque. Returns whether there are any new ones.
    pub(super) fn cast_calls(&mut self, errors: &[Diagnostic], selection: &Selection) -> bool {
        let is_known = !self.state.learned.calls.is_empty();
        if is_known || !errors.iter().any(Diagnostic::is_about_opaque_type) {
            return false;
        }
        let stored = selection.variables.iter().flat_map(casts);
        let stored: Vec<(Vec<String>, Cast)> = stored.collect();
        for range in self.cell.ranges() {
            for (result, place) in self.opaque_calls(range.clone()) {
                let traits = without_paths(&result.traits);
                let same = stored.iter().find(|(other, _)| *other == traits);
                let alike = |(other, _): &&(Vec<String>, Cast)| names(other) == names(&traits);
                if let Some((_, cast)) = same.or(stored.iter().find(alike)) {
                    let cast = cast.clone().inside(result.container);
                    self.state.learned.calls.push((place, cast));
                }
            }
        }
        !self.state.learned.calls.is_empty()
    }

    /// Plans casts of the calls in the `let`s of these variables, whose types contain those of the calls' results. If there are none,
    /// the calls are in other statements, such as `list.push(f())`.
    pub(super) fn name_calls(&mut self, variables: &BTreeSet<String>) {
        for name in variables {
            let Some(binding) = self.cell.binding(name) else {
                continue;
            };
            let end = self.cell.end_of(binding);
            let mut calls = self.opaque_calls(end - binding.text.len()..end);
            if calls.is_empty() {
                let uses = self
                    .cell
                    .ranges()
                    .filter(|range| range.start >= end && self.cell.mentions(range, name));
                calls = uses
                    .flat_map(|range| self.opaque_calls(range.clone()))
                    .collect();
            }
            for (result, place) in calls {
                if let [only] = &objects(&result.traits)[..] {
                    let closures = &mut self.state.learned.closures;
                    closures.cast_call(place, result.container, only);
                }
            }
        }
    }

    /// Returns the calls, in these bytes of the cell, of functions whose results have a type `impl …`, each with the call's bytes.
    fn opaque_calls(&self, range: Range<usize>) -> Vec<(OpaqueResult, Range<usize>)> {
        let start = range.start;
        let found = calls(&self.cell.code[range], self.cell.edition).into_iter();
        let opaque = found.filter_map(|(name, call)| {
            let place = start + call.start..start + call.end;
            Some((self.opaque_result(&name)?, place))
        });
        opaque.collect()
    }

    /// Returns the result of the notebook's function or method of this name.
    fn opaque_result(&self, name: &str) -> Option<OpaqueResult> {
        let items = self.session.items.iter();
        let mut functions = items.flat_map(|item| item.functions(name));
        functions.find_map(|text| opaque_result(text, self.cell.edition))
    }
}

/// Returns the casts to the types under which the results of functions are stored in a variable, each with the traits.
fn casts(variable: &Variable) -> Vec<(Vec<String>, Cast)> {
    if let Some(traits) = variable.shown.strip_prefix("impl ") {
        let cast = Cast::to(&variable.ty).into_iter();
        return cast.map(|cast| (without_paths(traits), cast)).collect();
    }
    if !variable.shown.contains("impl ") {
        return Vec::new();
    }
    let objects = boxed_objects(&variable.ty).into_iter();
    objects
        .map(|of| (without_paths(of), Cast::of(of.to_owned())))
        .collect()
}

/// Returns those traits of a list that a trait object can have.
fn objects(traits: &str) -> Vec<String> {
    let traits = split(traits, '+').into_iter();
    traits.filter(|of| is_for_objects(of)).collect()
}

/// Returns those traits of a list that a trait object can have, without paths and lifetimes, which can be omitted.
fn without_paths(traits: &str) -> Vec<String> {
    static OMITTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:\b\w+)?::|\bfor<[^>]*> ?|'\w+ ").expect("a valid pattern")
    });
    objects(&OMITTED.replace_all(traits, ""))
}

/// Returns the names of traits without their arguments, in order.
fn names(traits: &[String]) -> Vec<&str> {
    let names = traits.iter().filter_map(|of| of.split(['<', '(']).next());
    names.collect()
}
