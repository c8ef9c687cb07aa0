//! The result of a probe or a compilation: rustc's errors, sorted by what they are about.

use super::diagnostics::{Diagnostic, Span, lent_place};
use super::moved_parts::moved_part;
use crate::engine::source::{Copy, Origin, PROBE_TYPE, Source, Trait, Use};
use std::collections::{BTreeMap, BTreeSet};

/// rustc's answers to a probe, or its errors from a compilation.
#[derive(Debug, Default)]
pub struct ProbeResult {
    /// Types as rustc shows them, by variable.
    pub types: BTreeMap<String, String>,
    /// Types that were inferred late.
    pub late_types: BTreeMap<String, String>,
    /// Calls whose types were inferred late.
    pub late_calls: BTreeMap<String, String>,
    /// Types of variables of earlier cells.
    pub earlier_types: BTreeMap<String, String>,
    /// `PhantomData` of the arguments and the result of a call.
    pub calls: BTreeMap<String, String>,
    pub second_calls: BTreeMap<String, String>,
    /// `PhantomData` of an iterator's items.
    pub items: BTreeMap<String, String>,
    /// `PhantomData` of a future's output.
    pub outputs: BTreeMap<String, String>,
    /// The traits that variables lack.
    pub lacks: BTreeSet<(String, Trait)>,
    pub moved: BTreeSet<String>,
    /// Variables of earlier cells that the cell moves.
    pub moved_earlier: BTreeSet<String>,
    /// Partially moved variables, with the path of the moved part.
    pub moved_parts: BTreeMap<String, String>,
    /// Those among them whose names stand for variables of earlier cells.
    pub moved_parts_earlier: BTreeSet<String>,
    /// Partially moved variables whose part is a field of a variant of an enum, with that field.
    pub variant_fields: BTreeSet<(String, String)>,
    /// Partially moved variables whose part cannot be refilled.
    pub not_refillable: BTreeSet<String>,
    pub uninitialised: BTreeSet<String>,
    /// Variables whose types are not determined.
    pub untyped: BTreeSet<String>,
    /// Variables that borrow from others, each with the message that says so.
    pub borrowing: BTreeMap<String, String>,
    /// The variables that they borrow from, where rustc names them.
    pub lenders: BTreeMap<String, BTreeSet<String>>,
    /// What rustc names of these: a part that is borrowed, possibly one of several, or the variable.
    pub places: BTreeMap<String, BTreeSet<String>>,
    /// The bytes of the cell at which a borrowing variable borrows from another one, by the two.
    pub borrowed_at: BTreeMap<(String, String), BTreeSet<usize>>,
    /// Borrow errors by the index of the variable that is kept in a function of its own.
    pub borrowing_apart: BTreeMap<usize, Vec<Diagnostic>>,
    /// Variables that cannot be stored yet, since others still borrow from them at the cell's end, each with rustc's message.
    pub still_lent: BTreeMap<String, String>,
    /// Borrowing variables whose lender the cell changes or moves, each with rustc's message.
    pub conflicts: BTreeMap<String, String>,
    /// Those that get other values after that.
    pub reassigned: BTreeSet<String>,
    /// What cannot be read as long as a borrowing variable is used, by that variable.
    pub exclusive: BTreeMap<String, BTreeSet<String>>,
    /// What cannot be borrowed exclusively as long as a borrowing variable is used, by that variable.
    pub shared: BTreeMap<String, BTreeSet<String>>,
    /// The parts that a borrowing variable borrows of those that were probed, by that variable.
    pub borrowed_parts: BTreeMap<String, BTreeSet<String>>,
    /// What cannot be read, by the index of the variable that is kept in a function of its own.
    pub exclusive_apart: BTreeMap<usize, BTreeSet<String>>,
    /// What cannot be borrowed exclusively, by that index.
    pub shared_apart: BTreeMap<usize, BTreeSet<String>>,
    /// The parts, by that index.
    pub borrowed_parts_apart: BTreeMap<usize, BTreeSet<String>>,
    /// Borrow errors by the index of the variable that is kept in a function of its own, and the lifetime in its type, by its place
    /// there, that is `'static`.
    pub lifetimes_apart: BTreeMap<(usize, usize), Vec<Diagnostic>>,
    /// What each lifetime in the type of a borrowing variable borrows from, by that variable and the lifetime's place; `None` if
    /// rustc does not name it.
    pub lifetimes: BTreeMap<String, BTreeMap<usize, Option<BTreeSet<String>>>>,
    /// Variables that cannot be taken or stored under their written type, each with rustc's message.
    pub unkept: BTreeMap<String, String>,
    /// Errors in items of earlier cells, by the item's index.
    pub misfits: BTreeMap<usize, Diagnostic>,
    /// Errors in deferred `let`s, by the index of the `let`.
    pub failed_lets: BTreeMap<usize, Diagnostic>,
    /// Whether no method shows the result.
    pub result_is_hidden: bool,
    /// Whether more than one method shows the result.
    pub result_is_ambiguous: bool,
    /// All other errors.
    pub errors: Vec<Diagnostic>,
}

/// Errors about two conflicting `impl` blocks, of which the later one is right (The Rust error codes index).
const CONFLICTS: [&str; 3] = ["E0119", "E0201", "E0592"];

impl ProbeResult {
    /// Sorts rustc's messages about `source`.
    pub fn of(messages: &str, source: &Source) -> ProbeResult {
        let mut answer = ProbeResult::default();
        for error in Diagnostic::errors(messages) {
            answer.take(error, source);
        }
        answer
    }

    /// Whether the cell, or a `let` that it repeats, has an error about borrows.
    pub fn has_borrow_errors(&self) -> bool {
        let mut errors = self.errors.iter().chain(self.failed_lets.values());
        errors.any(Diagnostic::is_about_borrows)
    }

    fn take(&mut self, error: Diagnostic, source: &Source) {
        let uses = |span: &Span| match source
            .segment_at(span.in_source().start)
            .map(|segment| &segment.origin)
        {
            Some(Origin::Variable(what, name)) => Some((*what, name.clone())),
            _ => None,
        };
        let copy = |span: &Span| {
            let segment = source.segment_at(span.in_source().start);
            segment.map(|segment| segment.copy)
        };
        let is_in = |span: &Span, here| copy(span) == Some(here);
        let apart = error.spans.iter().find_map(|span| match copy(span) {
            Some(Copy::Persistence(index)) => Some(index),
            _ => None,
        });
        if let Some(index) = apart {
            let is_kept = error.primary().and_then(uses).is_some();
            if is_kept && error.is_about_conflicts() {
                // Another variable borrows from the one that is kept.
            } else if error.is_about_borrows() || error.is_about_annotation() {
                self.borrowing_apart.entry(index).or_default().push(error);
            }
            return;
        }
        let lifetime = error.spans.iter().find_map(|span| match copy(span) {
            Some(Copy::Lifetime(index, place)) => Some((index, place)),
            _ => None,
        });
        if let Some(lifetime) = lifetime {
            self.lifetimes_apart
                .entry(lifetime)
                .or_default()
                .push(error);
            return;
        }
        let touching = error.spans.iter().find_map(|span| match copy(span) {
            Some(Copy::Touches(index)) => Some(index),
            _ => None,
        });
        if let Some(index) = touching {
            let mut others = error.spans.iter().filter_map(uses);
            let is_kept = others.any(|(what, _)| matches!(what, Use::Put | Use::PutBack));
            let known = match error.primary().and_then(uses).filter(|_| is_kept) {
                Some((Use::Touch, name)) => Some((&mut self.exclusive_apart, name)),
                Some((Use::TouchExclusively, name)) => Some((&mut self.shared_apart, name)),
                Some((Use::TouchPart, part)) => Some((&mut self.borrowed_parts_apart, part)),
                _ => None,
            };
            if let Some((known, name)) = known {
                known.entry(index).or_default().insert(name);
            }
            return;
        }
        if error.spans.iter().any(|span| is_in(span, Copy::Types)) {
            return self.take_type(&error, uses);
        }
        if error.spans.iter().any(|span| is_in(span, Copy::Traits)) {
            for (what, name) in error.spans.iter().filter_map(uses) {
                if let Use::Trait(of) = what {
                    self.lacks.insert((name, of));
                }
            }
            return;
        }
        let primary = error.primary().and_then(uses);
        if let Some((what @ (Use::TellLateType | Use::TellLateCall), name)) = primary {
            let known = match what {
                Use::TellLateCall => &mut self.late_calls,
                _ => &mut self.late_types,
            };
            known.extend(late_type(&error).map(|shown| (name, shown)));
            return;
        }
        if let Some((Use::Refill, name)) = primary {
            let field = error.quoted().next().filter(|_| error.code() == "E0609");
            match field {
                Some(field) => _ = self.variant_fields.insert((name, field.to_owned())),
                None => _ = self.not_refillable.insert(name),
            }
            return;
        }
        if let Some((Use::Take, name)) = primary {
            self.unkept.insert(name, error.message.clone());
            return;
        }
        let is_kept = |what: Use| matches!(what, Use::Put | Use::PutBack);
        // A note may also name the line, as for a closure that outlives what it borrows.
        let notes = error.children.iter().flat_map(|child| &child.spans);
        let others = error
            .spans
            .iter()
            .filter(|span| !span.is_primary)
            .chain(notes)
            .filter_map(uses);
        let because_of: Vec<_> = others
            .filter(|(what, _)| is_kept(*what))
            .map(|(_, name)| name)
            .collect();
        if let Some((Use::Tie, name)) = &primary
            && !error.requires_static()
            && (because_of.is_empty() || !error.is_about_borrows())
        {
            self.unkept.insert(name.clone(), error.message.clone());
            return;
        }
        if error.is_untyped() {
            self.untyped.extend(because_of);
            let at = primary.filter(|(what, _)| *what == Use::Put);
            return match at {
                Some((_, name)) => _ = self.untyped.insert(name),
                None => self.take_other(error, source),
            };
        }
        let is_in_text = primary.is_none();
        match primary.filter(|(what, _)| is_kept(*what)) {
            Some((what, name)) => self.take_kept(what, name, because_of, &error, source),
            // The variable that must be `'static` borrows from the place of the error.
            None if !because_of.is_empty() && error.is_about_borrows() => {
                let is_conflict = is_in_text && error.is_about_conflicts();
                self.add_borrows(because_of, &error, is_conflict);
            }
            None => self.take_other(error, source),
        }
    }

    fn take_type(&mut self, error: &Diagnostic, uses: impl Fn(&Span) -> Option<(Use, String)>) {
        const LABEL: &str = "this expression has type `";
        for span in &error.spans {
            let shown = span
                .label()
                .strip_prefix(LABEL)
                .and_then(|label| label.strip_suffix('`'));
            let (Some(shown), Some((what, name))) = (shown, uses(span)) else {
                continue;
            };
            let to = match what {
                Use::TellType => &mut self.types,
                Use::TellCall => &mut self.calls,
                Use::TellSecondCall => &mut self.second_calls,
                Use::TellItem => &mut self.items,
                Use::TellOutput => &mut self.outputs,
                Use::TellEarlierType => &mut self.earlier_types,
                _ => continue,
            };
            // A call of a probe function on a type without the trait yields no type.
            let has_answer = !shown.contains(" as ")
                && !shown.contains("{type error}")
                && shown != "std::marker::PhantomData<_>";
            if what == Use::TellType || has_answer {
                // rustc has taken the pattern for the type of another variable if that was not yet known.
                to.insert(name, shown.replace(PROBE_TYPE, "_"));
            }
        }
    }

    /// Takes an error about a variable that cannot be kept at the cell's end. The error may name the cause in `because_of`.
    fn take_kept(
        &mut self,
        what: Use,
        name: String,
        because_of: Vec<String>,
        error: &Diagnostic,
        source: &Source,
    ) {
        if let Some(path) = moved_part(error, source) {
            if what == Use::PutBack {
                self.moved_parts_earlier.insert(name.clone());
            }
            self.moved_parts.insert(name, path);
            return;
        }
        match error.code() {
            "E0382" if what == Use::PutBack => _ = self.moved_earlier.insert(name),
            "E0382" => _ = self.moved.insert(name),
            "E0381" => _ = self.uninitialised.insert(name),
            // Another variable borrows from it until the end of the cell.
            _ if error.is_about_conflicts() && because_of.is_empty() => {
                self.still_lent.insert(name, error.message.clone());
            }
            _ if error.is_about_borrows() => {
                let names = if because_of.is_empty() {
                    vec![name]
                } else {
                    because_of
                };
                self.add_borrows(names, error, false);
            }
            _ => _ = self.unkept.insert(name, error.message.clone()),
        }
    }

    /// Records that these variables borrow, and whether the cell changes or moves what they borrow from.
    pub fn add_borrows(&mut self, names: Vec<String>, error: &Diagnostic, is_conflict: bool) {
        for name in names {
            let lenders = self.lenders.entry(name.clone()).or_default();
            lenders.extend(error.lender().map(str::to_owned));
            let places = self.places.entry(name.clone()).or_default();
            // What conflicts with a borrow may be more than what is borrowed.
            let place = lent_place(&error.message).filter(|_| !error.is_about_conflicts());
            places.extend(place.map(str::to_owned));
            // The end of the cell would run a destructor, which the program runs later.
            if is_conflict && error.code() != "E0713" {
                self.conflicts.insert(name.clone(), error.message.clone());
            }
            self.borrowing.insert(name, error.message.clone());
        }
    }

    /// Records where in the cell a variable borrows.
    pub fn add_place(&mut self, name: &str, error: &Diagnostic, source: &Source) {
        let borrow = error.primary().filter(|_| !error.is_about_conflicts());
        let place = borrow.and_then(|span| source.in_cell(&span.in_source()));
        if let (Some(place), Some(lender)) = (place, error.lender()) {
            let borrow = (name.to_owned(), lender.to_owned());
            self.borrowed_at
                .entry(borrow)
                .or_default()
                .insert(place.start);
        }
    }

    /// Records what a lifetime in the type of a variable borrows from, given rustc's errors if it is `'static`.
    pub fn add_lifetime(&mut self, name: &str, place: usize, errors: &[Diagnostic]) {
        let lenders = errors.iter().map(|error| {
            let borrows = error.is_about_borrows() || error.is_about_annotation();
            error.lender().filter(|_| borrows).map(str::to_owned)
        });
        let lifetimes = self.lifetimes.entry(name.to_owned()).or_default();
        lifetimes.insert(place, lenders.collect());
    }

    fn take_other(&mut self, error: Diagnostic, source: &Source) {
        let origin = |span: &Span| {
            source
                .segment_at(span.in_source().start)
                .map(|segment| &segment.origin)
        };
        let item = |span: &Span| match origin(span) {
            Some(Origin::Item(index)) => Some(*index),
            _ => None,
        };
        let primary = error.primary();
        let items = error.spans.iter().filter_map(item);
        let misfit = match primary.and_then(item) {
            // Both may be of earlier cells, if one of them was set aside.
            _ if error.is_about_names() => items.min(),
            None if CONFLICTS.contains(&error.code()) => items.min(),
            found => found,
        };
        if let Some(index) = misfit {
            self.misfits.entry(index).or_insert(error);
            return;
        }
        match primary.and_then(origin) {
            Some(Origin::Deferred(index)) => _ = self.failed_lets.entry(*index).or_insert(error),
            Some(Origin::Result) if error.code() == "E0599" => self.result_is_hidden = true,
            Some(Origin::Result) if error.code() == "E0034" => self.result_is_ambiguous = true,
            _ => self.errors.push(error),
        }
    }
}

/// Returns the type from the error about the value that was moved twice.
fn late_type(error: &Diagnostic) -> Option<String> {
    let labels = error.spans.iter().map(Span::label);
    let types = labels.filter_map(|label| {
        label
            .split_once("has type `ThreadbookLate<&")?
            .1
            .split_once(">`")
    });
    let mut shown = types.map(|(shown, _)| shown);
    // In detail, rustc shows the lifetime of the reference, too.
    shown.next().map(|shown| match shown.starts_with('\'') {
        true => shown.split_once(' ').map_or(shown, |(_, ty)| ty).to_owned(),
        false => shown.to_owned(),
    })
}
