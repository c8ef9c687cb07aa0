//! Defers `let`s whose types a later cell determines.

use super::Compilation;
use super::deferred_lets::{changed, defer, only_changes};
use super::plan::pin;
use crate::engine::cell::{Let, Value, names};
use crate::engine::rustc::{
    Diagnostic, ProbeResult, is_open, matches_with_numbers, with_open_numbers,
};
use crate::engine::session::{Deferred, Openness, Reason, Selection};
use crate::engine::source::Source;
use std::collections::BTreeSet;

impl Compilation<'_> {
    /// Defers the `let`s whose types are not determined yet. Where other parts of the cell need them, they get provisional types.
    /// Returns whether there were any.
    pub(super) fn wait_for_types(&mut self, answer: &ProbeResult, source: &Source) -> bool {
        let untyped = answer.errors.iter().filter(|error| error.is_untyped());
        let places = untyped.flat_map(|error| error.spans.iter().map(|span| span.in_source()));
        let places: Vec<_> = places.filter_map(|range| source.in_cell(&range)).collect();
        let mut waiting: BTreeSet<String> = answer.untyped.clone();
        if answer.failed_lets.values().any(Diagnostic::is_untyped) {
            waiting.extend(
                self.session
                    .deferred
                    .iter()
                    .flat_map(|deferred| deferred.variables.iter().map(|(name, _)| name.clone())),
            );
        }
        let mut chosen: BTreeSet<usize> = BTreeSet::new();
        for (index, statement) in self.cell.statements.iter().enumerate() {
            let Some(binding) = &statement.binding else {
                // A statement that only changes such a variable can be deferred with it.
                let text = &self.cell.code[statement.range.clone()];
                if only_changes(text, &waiting, &answer.types, &self.session, &self.cell) {
                    chosen.insert(index);
                }
                continue;
            };
            let is_named = places.iter().any(|place| {
                statement.range.start <= place.start && place.end <= statement.range.end
            }) || binding
                .variables
                .iter()
                .any(|(name, _)| answer.untyped.contains(name));
            let needs = names(&binding.text, self.cell.edition)
                .iter()
                .any(|name| waiting.contains(name));
            let changes_others = || !self.changed_by(binding, answer).is_subset(&waiting);
            if is_named || needs && !changes_others() {
                waiting.extend(binding.variables.iter().map(|(name, _)| name.clone()));
                chosen.insert(index);
            }
        }
        if self.split_declaration(&chosen) {
            return true;
        }
        if self.overtakes(&chosen, &waiting, answer) {
            return false;
        }
        let others = self
            .cell
            .statements
            .iter()
            .enumerate()
            .filter(|(index, _)| !chosen.contains(index));
        let ranges = others
            .map(|(_, statement)| &statement.range)
            .chain(&self.cell.result);
        let mut rest = ranges.map(|range| names(&self.cell.code[range.clone()], self.cell.edition));
        if chosen.is_empty() || rest.any(|found| !found.is_disjoint(&waiting)) {
            return self.pin(answer, &waiting);
        }
        let mut deferred: Vec<Deferred> = Vec::new();
        for index in chosen.into_iter().rev() {
            let statement = self.cell.statements.remove(index);
            let text = &self.cell.code[statement.range.clone()];
            let binding = statement.binding.unwrap_or_else(|| Let::none(text));
            deferred.push(defer(&binding, Reason::Unfinished, &self.cell, self.number));
        }
        for deferred in deferred.into_iter().rev() {
            self.session.wait(deferred);
        }
        true
    }

    /// Returns the variables that a `let` of the cell may change.
    fn changed_by(&self, binding: &Let, answer: &ProbeResult) -> BTreeSet<String> {
        let value = binding.initializer().unwrap_or_default();
        let changed = changed(&value, &answer.types, &self.session, self.cell.edition);
        let is_variable =
            |name: &String| self.session.has_variable(name) || self.cell.binding(name).is_some();
        changed.into_iter().filter(is_variable).collect()
    }

    /// Whether a statement that is not deferred would see what one of these, which come before it, has not changed yet.
    fn overtakes(
        &self,
        chosen: &BTreeSet<usize>,
        waiting: &BTreeSet<String>,
        answer: &ProbeResult,
    ) -> bool {
        let statements = &self.cell.statements;
        // rustc may report it later.
        let has_open_type = |binding: &Let| {
            let mut types = binding
                .variables
                .iter()
                .map(|(name, _)| answer.types.get(name));
            types.any(|shown| shown.is_none_or(|shown| is_open(shown)))
        };
        chosen.iter().any(|index| {
            let changed = statements[*index].binding.as_ref();
            let changed = changed.map(|binding| self.changed_by(binding, answer));
            let mut changed = changed.unwrap_or_default();
            changed.retain(|name| !waiting.contains(name));
            let later = statements.iter().enumerate().skip(index + 1);
            let later = later.filter(|(other, statement)| {
                !chosen.contains(other) && !statement.binding.as_ref().is_some_and(has_open_type)
            });
            let ranges = later.map(|(_, statement)| &statement.range);
            let mut ranges = ranges.chain(&self.cell.result);
            ranges.any(|range| changed.iter().any(|name| self.cell.mentions(range, name)))
        })
    }

    /// Defers one of these statements if it declares several variables without values, each on its own; returns whether there was
    /// any.
    fn split_declaration(&mut self, chosen: &BTreeSet<usize>) -> bool {
        let found = chosen.iter().find_map(|index| {
            let binding = self.cell.statements[*index].binding.as_ref()?;
            let has_several = binding.variables.len() > 1;
            let is_open = binding.value == Value::None && !binding.text.contains(':');
            (has_several && is_open).then(|| (*index, binding.variables.clone()))
        });
        let Some((index, variables)) = found else {
            return false;
        };
        self.cell.statements.remove(index);
        for (name, is_mut) in variables {
            let mutable = if is_mut { "mut " } else { "" };
            let text = format!("let {mutable}{name};");
            self.session.wait(Deferred {
                mentions: names(&text, self.cell.edition),
                text,
                variables: vec![(name, is_mut)],
                reason: Reason::Unfinished,
                cell: self.number,
            });
        }
        true
    }

    /// Gives these variables, and those of the cell that its statements use together with them, provisional types where rustc has left
    /// theirs open; returns whether there were any.
    fn pin(&mut self, answer: &ProbeResult, waiting: &BTreeSet<String>) -> bool {
        let pins = &mut self.state.learned.pins;
        let before = pins.len();
        let statements = self.cell.statements.iter();
        let uses: Vec<BTreeSet<String>> = statements
            .filter(|statement| statement.binding.is_none())
            .map(|statement| {
                let text = &self.cell.code[statement.range.clone()];
                names(text, self.cell.edition)
            })
            .filter(|mentioned| !mentioned.is_disjoint(waiting))
            .collect();
        let own = self.cell.variables().into_iter();
        let own = own.map(|(_, name, _)| name.to_owned());
        let own = own.filter(|name| uses.iter().any(|mentioned| mentioned.contains(name)));
        for name in own.chain(waiting.iter().cloned()) {
            if let Some(ty) = answer.types.get(&name).and_then(|shown| pin(shown)) {
                pins.entry(name).or_insert(ty);
            }
        }
        pins.len() > before
    }

    /// Reopens the types of numbers of earlier cells if a deferred `let` does not fit them: this cell may have determined both.
    /// Returns whether there were any.
    pub(super) fn open_numbers_for_lets(
        &mut self,
        answer: &ProbeResult,
        selection: &Selection,
    ) -> bool {
        let is_new = self.state.learned.numbers.is_empty();
        let mut errors = answer.failed_lets.values();
        is_new && errors.any(Diagnostic::is_about_types) && self.open_numbers(selection)
    }

    /// Whether the cell calls a closure that earlier cells have called with numbers with something else.
    pub(super) fn calls_without_numbers(&self, answer: &ProbeResult) -> bool {
        let mut reopened = self.state.reopened_calls.iter();
        reopened.any(|(name, shown)| {
            let now = answer.calls.get(name);
            now.is_some_and(|now| !matches_with_numbers(shown, now))
        })
    }

    /// Reopens the types of numbers of earlier cells; returns whether there were any.
    pub(super) fn open_numbers(&mut self, selection: &Selection) -> bool {
        let mut opened = false;
        for variable in &selection.variables {
            let number = match &variable.openness {
                Openness::Settled => continue,
                Openness::Number if variable.ty.starts_with('f') => "0.0".to_owned(),
                Openness::Number => "0".to_owned(),
                Openness::Convertible(open) => with_open_numbers(&open.shown),
                Openness::Items(items) => with_open_numbers(&items.iterator),
                Openness::Repeatable { text, call, .. } => {
                    let Some(binding) = Let::read(text) else {
                        continue;
                    };
                    let call = call
                        .iter()
                        .map(|call| (variable.name.clone(), call.clone()));
                    self.state.reopened_calls.extend(call);
                    self.session
                        .variables
                        .retain(|other| !binding.defines(&other.name));
                    self.session.wait(defer(
                        &binding,
                        Reason::Unfinished,
                        &self.cell,
                        variable.cell,
                    ));
                    opened = true;
                    continue;
                }
            };
            let numbers = &mut self.state.learned.numbers;
            numbers.insert(variable.name.clone(), number);
            opened = true;
        }
        // Only a probe shows which types the cell gives them.
        self.state.needs_probe |= opened;
        opened
    }
}
