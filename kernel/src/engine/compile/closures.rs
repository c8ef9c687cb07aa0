//! Closures and functions in the types of variables. Their types have no names, so they become function pointers or trait objects.

use super::Compilation;
use crate::engine::cell::{Container, Kind, closure_at, names, references};
use crate::engine::rustc::{
    ClosureType, Diagnostic, ProbeResult, closure_places, closure_types, function_items,
    with_closures, with_function_pointers,
};
use crate::engine::session::Selection;
use crate::engine::source::{Cast, Origin, Place, Probe, Source};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

/// The auto traits of a trait object, the best ones first.
const AUTOS: [&str; 2] = [" + ::std::marker::Send + ::std::marker::Sync", ""];

/// The closures of a cell, and the results of its calls, that get nameable types.
#[derive(Debug, Default)]
pub struct Closures {
    cast: Vec<Closure>,
    /// Whether no such type fits.
    pub have_no_names: bool,
}

#[derive(Debug)]
struct Closure {
    /// Its line and column in the source that rustc was asked about first. A call or the name of a function has none.
    place: Option<(usize, usize)>,
    /// Where the user wrote it.
    text: Place,
    /// What it can become, the best cast first.
    casts: VecDeque<Cast>,
}

impl Closure {
    fn ty(&self) -> Option<String> {
        self.casts.front().map(Cast::stored_type)
    }
}

impl Closures {
    /// Returns where each closure is, and its cast.
    pub fn casts(&self) -> Vec<(Place, Cast)> {
        let first =
            |closure: &Closure| Some((closure.text.clone(), closure.casts.front()?.clone()));
        self.cast.iter().filter_map(first).collect()
    }

    /// Adds the casts of a call, in these bytes of the cell, whose result has this trait, or contains values that have it.
    pub fn cast_call(&mut self, range: Range<usize>, container: Option<Container>, of: &str) {
        let casts = AUTOS.map(|auto| Cast::of(format!("{of}{auto}")).inside(container));
        self.cast.push(Closure {
            place: None,
            text: Place::in_cell(range),
            casts: casts.into(),
        });
    }

    /// Goes on to the next casts, since the current ones fail with rustc's message `why`, or gives up. Returns whether there were
    /// any.
    pub fn try_next(&mut self, why: &str) -> bool {
        let had_some = !self.cast.is_empty();
        for closure in &mut self.cast {
            closure.casts.pop_front();
            closure.casts.retain(|cast| !cast.is_excluded_by(why));
            self.have_no_names |= closure.casts.is_empty();
        }
        if self.have_no_names {
            self.cast.clear();
        }
        had_some
    }
}

impl Compilation<'_> {
    /// Probes the closures in the types of these variables, and names them in `answer`, the result about `source`.
    pub(super) fn name_closures(
        &mut self,
        variables: &BTreeSet<String>,
        answer: &mut ProbeResult,
        source: &Source,
        selection: &Selection,
    ) -> Result<()> {
        let edits = self.edits();
        let probe = Probe {
            edits: &edits,
            types: variables,
            late_types: variables,
            ..self.error_probe(selection)
        };
        let detailed = probe.source();
        let messages =
            self.rustc
                .probe_verbose(detailed.text(), &self.settings.rustc, &self.crates.rustc)?;
        let mut detailed = ProbeResult::of(&messages, &detailed);
        // Before that, rustc may not know the types of numbers.
        detailed.types.extend(detailed.late_types);
        let mut places = BTreeMap::new();
        for name in variables {
            let (Some(shown), Some(detailed)) = (answer.types.get(name), detailed.types.get(name))
            else {
                continue;
            };
            places.extend(
                closure_places(shown)
                    .into_iter()
                    .zip(closure_types(detailed)),
            );
        }
        let mut closures = std::mem::take(&mut self.state.learned.closures);
        for (place, ty) in places {
            let at = source.offset(place);
            let text = at.and_then(|at| self.closure_at(source, at, selection));
            let (Some(text), Some(ty)) = (text, ty) else {
                closures.have_no_names = true;
                break;
            };
            closures.cast.push(Closure {
                casts: casts(&ty, self.captures(&text)),
                place: Some(place),
                text,
            });
        }
        for name in variables {
            let shown = answer.types.get(name).map_or("", String::as_str);
            for (pointer, function) in function_items(shown) {
                let places = self.uses_of_function(name, &function);
                closures.have_no_names |= places.is_empty();
                closures.cast.extend(places.into_iter().map(|text| Closure {
                    place: None,
                    text,
                    casts: [Cast::Pointer(pointer.clone())].into(),
                }));
            }
        }
        closures.have_no_names |= closures.cast.is_empty();
        if closures.have_no_names {
            closures.cast.clear();
        }
        for name in variables {
            if let Some(shown) = answer.types.get_mut(name) {
                let ty = |place| {
                    closures
                        .cast
                        .iter()
                        .find(|closure| closure.place == Some(place))?
                        .ty()
                };
                *shown = with_closures(shown, ty);
                if !closures.have_no_names {
                    *shown = with_function_pointers(shown);
                }
            }
        }
        // Inner ones first.
        closures
            .cast
            .sort_by_key(|closure| std::cmp::Reverse(closure.text.range.start));
        self.state.learned.closures = closures;
        Ok(())
    }

    /// Goes on to the next casts if an error is in the text of the cell, whose probe without casts had none; returns whether there
    /// were any casts.
    pub(super) fn change_casts(&mut self, errors: &[Diagnostic], source: &Source) -> bool {
        let is_in_cell = |error: &&Diagnostic| {
            let place = error.primary().map(|span| span.in_source());
            place.is_some_and(|place| source.in_cell(&place).is_some())
        };
        let error = errors.iter().find(is_in_cell);
        error.is_some_and(|error| self.state.learned.closures.try_next(&error.message))
    }

    /// Goes on to the next casts if a deferred `let` with one has an error; returns whether there were any.
    pub(super) fn change_casts_in_lets(
        &mut self,
        answer: &ProbeResult,
        selection: &Selection,
    ) -> bool {
        let closures = &mut self.state.learned.closures;
        let is_cast = |index: &usize| {
            let text = selection
                .deferred
                .get(*index)
                .map(|deferred| &deferred.text);
            let mut places = closures.cast.iter().map(|closure| &closure.text.deferred);
            text.is_some() && places.any(|place| place.as_ref() == text)
        };
        let mut failed = answer.failed_lets.iter();
        let failed = failed.find(|(index, _)| is_cast(index));
        failed.is_some_and(|(_, error)| closures.try_next(&error.message))
    }

    /// Returns where the `let` of a variable names a function.
    fn uses_of_function(&self, variable: &str, function: &str) -> Vec<Place> {
        let Some(binding) = self.cell.binding(variable) else {
            return Vec::new();
        };
        let start = self.cell.end_of(binding) - binding.text.len();
        let found = references(&binding.text, self.cell.edition).into_iter();
        let found = found.filter(|found| found.name == function && found.kind == Kind::Expression);
        let ranges = found.map(|found| start + found.range.start..start + found.range.end);
        ranges.map(Place::in_cell).collect()
    }

    /// Returns where the user wrote the closure that begins at byte `at` of the source: in the cell or in a deferred `let`.
    fn closure_at(&self, source: &Source, at: usize, selection: &Selection) -> Option<Place> {
        match source.origin_at(at)? {
            (Origin::Cell, start) => Some(Place::in_cell(self.cell.closure_at(start)?)),
            (Origin::Deferred(index), start) => {
                let text = &selection.deferred[*index].text;
                Some(Place {
                    deferred: Some(text.clone()),
                    range: closure_at(text, start, self.cell.edition)?,
                })
            }
            _ => None,
        }
    }

    /// Whether a closure names variables from outside of it.
    fn captures(&self, closure: &Place) -> bool {
        let text = closure.deferred.as_ref().unwrap_or(&self.cell.code);
        let mentions = names(&text[closure.range.clone()], self.cell.edition);
        let variables = self.cell.variables().into_iter().map(|(_, name, _)| name);
        let earlier = self
            .session
            .variables
            .iter()
            .map(|variable| variable.name.as_str());
        let deferred = self.session.deferred.iter();
        let deferred = deferred.flat_map(|deferred| &deferred.variables);
        let deferred = deferred.map(|(name, _)| name.as_str());
        let mut all = variables.chain(earlier).chain(deferred);
        all.any(|name| mentions.contains(name))
    }
}

/// Returns what a closure may become. A function pointer is `Copy` but cannot capture.
fn casts(ty: &ClosureType, captures: bool) -> VecDeque<Cast> {
    let call = ty.call();
    let mut casts = VecDeque::new();
    if !captures {
        casts.push_back(Cast::Pointer(format!("fn{call}")));
    }
    let kinds = match &ty.kind {
        Some(kind) => std::slice::from_ref(kind),
        None => &["Fn", "FnMut", "FnOnce"],
    };
    // Tried for every kind of closure, since the reference is `Copy`.
    casts.extend(AUTOS.map(|auto| Cast::Leaked(format!("::std::ops::Fn{call}{auto}"))));
    for kind in kinds {
        casts.extend(AUTOS.map(|auto| Cast::Boxed(format!("::std::ops::{kind}{call}{auto}"))));
    }
    casts
}
