//! Makes a plan from the result of a probe.

mod anchors;
mod leaks;
mod lending;
mod lent_parts;
mod lifetimes;
mod loans;
mod openness;
mod provisional;
mod repetition;
mod waiting;

use super::deferred_lets::{calls_own_function, defer};
use super::ends::not_stored;
use super::persistence::{Persistence, ProbedVariable};
use super::plan::{Findings, Open, Plan};
use crate::engine::cell::{Cell, Let, Value, references};
use crate::engine::rustc::{
    ProbeResult, Type, as_written, is_open, matches_with_numbers, with_opaque_objects, writable,
};
use crate::engine::session::{Deferred, Openness, Reason, Selection, Session, Variable, moved_by};
use crate::engine::source::PersistedVariable;
use openness::has_open_items;

impl Plan {
    /// Makes a plan from a probe's result, or returns what must be settled first.
    pub fn of(
        answer: &ProbeResult,
        learned: &Findings,
        session: &Session,
        cell: &Cell,
        number: u32,
        selection: &Selection,
    ) -> Result<Plan, Box<Open>> {
        let mut planner = Planner {
            answer,
            learned,
            session,
            cell,
            number,
            plan: Plan::default(),
            open: Open::default(),
        };
        for deferred in selection
            .deferred
            .iter()
            .filter(|deferred| deferred.reason == Reason::Unfinished)
        {
            planner.plan_waiting(deferred);
        }
        for (binding, name, is_mut) in cell.variables() {
            planner.plan_variable(binding, name, is_mut);
        }
        planner.plan_earlier(selection);
        planner.end_borrowers();
        planner.plan_borrowing_earlier(selection);
        planner.plan_inside(selection);
        planner.plan_provisional();
        planner.anchor_left();
        if planner.open == Open::default() {
            Ok(planner.plan)
        } else {
            Err(Box::new(planner.open))
        }
    }
}

struct Planner<'a> {
    answer: &'a ProbeResult,
    learned: &'a Findings,
    session: &'a Session,
    cell: &'a Cell,
    number: u32,
    plan: Plan,
    open: Open,
}

impl Planner<'_> {
    fn plan_variable(&mut self, binding: &Let, name: &str, is_mut: bool) {
        if self.answer.moved.contains(name) {
            self.plan_moved(name, is_mut);
        } else if self.answer.uninitialised.contains(name) {
            match binding.variables.len() {
                1 => self.defer(binding, Reason::Unfinished),
                _ => self.declare(name, is_mut, self.number),
            }
        } else if let Some(message) = self.borrowing(name).cloned() {
            if self.leaks_value(binding, name) && !self.learned.leaks.contains(name) {
                self.open.leaks.insert(name.to_owned());
            } else if self.can_be_repeated(binding, name)
                && !self.is_lent(binding)
                && !self.may_take_long(binding, name)
            {
                self.defer(binding, Reason::Borrows);
                self.drop_early(name);
            } else {
                self.plan_borrower(name, is_mut, Some(binding), &message);
            }
        } else if let Some(why) = self.learned.ends.get(name) {
            self.plan.ends.insert(name.to_owned(), why.clone());
        } else if self.answer.unkept.contains_key(name) {
            let why = not_stored(self.number);
            self.plan.ends.insert(name.to_owned(), why);
        } else if let Some(written) = &binding.written {
            self.plan_written(name, is_mut, written);
        } else {
            self.plan_kept(name, is_mut, Some(binding));
        }
    }

    /// Whether a `let` calls a function of the notebook, so that it is better not repeated if its variable can be stored.
    fn may_take_long(&self, binding: &Let, name: &str) -> bool {
        let shown = self.answer.types.get(name);
        let has_name = shown.is_some_and(|shown| matches!(as_written(shown), Type::Named(_)));
        has_name && calls_own_function(binding, self.session)
    }

    /// Whether others borrow from a variable of this `let`, so that it must be stored.
    fn is_lent(&self, binding: &Let) -> bool {
        let mut variables = binding.variables.iter();
        variables.any(|(name, _)| self.learned.anchors.contains_key(name))
    }

    /// Plans to store a variable of the cell under its written type.
    fn plan_written(&mut self, name: &str, is_mut: bool, written: &str) {
        let ty = self.session.written_type(written, self.cell.edition);
        let variable = Variable::new(name, is_mut, ty, self.number);
        self.plan.left.push(PersistedVariable {
            variable,
            value: name.to_owned(),
        });
    }

    fn plan_kept(&mut self, name: &str, is_mut: bool, binding: Option<&Let>) {
        let is_settled =
            self.learned.pins.contains_key(name) || self.learned.late_types.contains(name);
        let shown = self.answer.types.get(name);
        // rustc does not tell a type that it infers late, such as that of a sum which a closure returns.
        if !is_settled && shown.is_none_or(|shown| is_open(shown)) {
            self.open.late_types.insert(name.to_owned());
            return;
        }
        // A question about the call of what cannot be called would be an error that hides what the cell moves.
        if shown.is_some_and(|shown| shown.starts_with("{closure"))
            && self
                .answer
                .calls
                .get(name)
                .is_some_and(|call| is_open(call))
            && !self.learned.late_calls.contains(name)
        {
            self.open.late_calls.insert(name.to_owned());
            return;
        }
        let asks_traits = self.answer.calls.contains_key(name)
            || self.learned.ask_traits.contains(name)
            || self.is_here(name) && binding.is_some_and(has_closure);
        if !asks_traits && shown.is_some_and(|shown| has_open_items(shown)) {
            self.open.ask_traits.insert(name.to_owned());
            return;
        }
        let probed = ProbedVariable {
            name,
            is_mut,
            cell: self.number,
            answer: self.answer,
            can_name_closures: !self.learned.closures.have_no_names,
            can_name_calls: self.can_name_calls(name),
            traits: asks_traits,
            is_special: self.learned.special.contains(name),
            captures_nothing: binding.is_some_and(|binding| self.captures_nothing(binding)),
        };
        match probed.keep() {
            Persistence::AskTraits => _ = self.open.ask_traits.insert(name.to_owned()),
            Persistence::NameClosures => _ = self.open.closures.insert(name.to_owned()),
            Persistence::NameCalls => _ = self.open.calls.insert(name.to_owned()),
            Persistence::Ends(why) => {
                match binding.filter(|binding| self.can_be_repeated(binding, name)) {
                    // It can be computed again, though it cannot persist.
                    Some(binding) => self.defer(binding, Reason::Borrows),
                    None if self.can_name_calls(name) => {
                        self.open.calls.insert(name.to_owned());
                    }
                    None => _ = self.plan.ends.insert(name.to_owned(), why),
                }
            }
            Persistence::Kept(mut left, items) => {
                self.plan.items.extend(items);
                if self.learned.named_calls.contains(name) {
                    left.variable.shown = with_opaque_objects(&left.variable.shown);
                }
                if let Some(ty) = self.learned.pins.get(name) {
                    left.variable.ty = ty.clone();
                    self.plan.pinned.push(*left);
                    if let Some(binding) = binding.filter(|_| self.is_here(name)) {
                        self.defer(binding, Reason::Unfinished);
                    }
                    return;
                }
                if let Some(binding) = binding {
                    left.variable.openness = self.openness(&left.variable, binding);
                }
                let is_hoisted = self
                    .plan
                    .hoisted
                    .iter()
                    .any(|deferred| deferred.defines(name));
                // If it is moved, the cell itself stores it.
                let has_waited =
                    is_hoisted && !self.is_here(name) && !self.learned.moved.contains(name);
                if has_waited {
                    &mut self.plan.found
                } else {
                    &mut self.plan.left
                }
                .push(*left);
            }
        }
    }

    /// Whether the closures in the value of a `let` name no variables.
    fn captures_nothing(&self, binding: &Let) -> bool {
        let found = references(binding.value_text(), self.cell.edition);
        let is_variable = |name: &str| self.is_here(name) || self.session.has_variable(name);
        binding.is_of_closures() && !found.iter().any(|found| is_variable(&found.name))
    }

    /// Whether the type of a variable of the cell contains types of the results of calls that may still be cast.
    fn can_name_calls(&self, name: &str) -> bool {
        let shown = self.answer.types.get(name);
        shown.is_some_and(|shown| shown.contains("impl "))
            && self.is_here(name)
            && !self.learned.named_calls.contains(name)
    }

    /// Plans the end of a moved variable. A `mut` one can be given another value later.
    fn plan_moved(&mut self, name: &str, is_mut: bool) {
        let shown = self.answer.types.get(name);
        if let Some(Type::Named(ty)) = shown
            .filter(|shown| is_mut && !is_open(shown))
            .map(|shown| as_written(shown))
        {
            let declared = Deferred::declared(name, &ty, self.number);
            self.plan.deferred.push(declared);
        }
        self.plan
            .ends
            .insert(name.to_owned(), moved_by(self.number));
    }

    fn plan_earlier(&mut self, selection: &Selection) {
        let gets_parts_back = |variable: &Variable| {
            let missing = self.learned.earlier_parts.get(&variable.name);
            let is_missing = |part| missing.is_some_and(|missing| missing.contains(part));
            !variable.moved_parts.iter().all(is_missing)
        };
        let moved = |variable: &&Variable| {
            self.answer.moved_earlier.contains(&variable.name)
                || self.learned.moved.contains(&variable.name)
                || gets_parts_back(variable)
        };
        self.plan.moved = selection
            .variables
            .iter()
            .filter(moved)
            .map(|variable| variable.name.clone())
            .collect();
        // A variable that the cell moves and then assigns again must be stored by the cell itself.
        let is_there = |variable: &&Variable| {
            moved(variable)
                && !self.answer.moved_earlier.contains(&variable.name)
                && !self.is_here(&variable.name)
        };
        let there = selection.variables.iter().filter(is_there);
        let there: Vec<_> = there
            .map(|variable| PersistedVariable {
                variable: variable.clone(),
                value: variable.name.clone(),
            })
            .collect();
        self.plan.left.extend(there);
        for name in self.learned.numbers.keys() {
            let openness = self
                .session
                .variable(name)
                .map(|variable| &variable.openness);
            let says = |ty: &&String| match openness {
                Some(Openness::Convertible(open)) => matches_with_numbers(&open.shown, ty),
                _ => !ty.contains('{'),
            };
            let written = self.answer.earlier_types.get(name).filter(says);
            if let Some(ty) = written {
                let borrows = self
                    .session
                    .variable(name)
                    .is_some_and(|variable| !variable.loans.is_empty());
                let ty = match borrows {
                    true => writable(&ty.replace("&'static ", "&")),
                    false => writable(ty),
                };
                self.plan.numbers.insert(name.clone(), ty);
            }
        }
    }

    /// Whether the cell itself defines the variable.
    fn is_here(&self, name: &str) -> bool {
        self.cell.binding(name).is_some()
    }

    fn borrowing(&self, name: &str) -> Option<&String> {
        self.answer
            .borrowing
            .get(name)
            .or_else(|| self.learned.borrowing.get(name))
    }

    fn defer(&mut self, binding: &Let, reason: Reason) {
        let deferred = defer(binding, reason, self.cell, self.number);
        if !self.plan.deferred.contains(&deferred) {
            self.plan.deferred.push(deferred);
        }
    }
}

fn has_closure(binding: &Let) -> bool {
    matches!(binding.value, Value::Closure | Value::WithClosure)
}
