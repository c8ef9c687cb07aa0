//! Decides whether a later cell may determine the numbers in a variable.

use super::super::deferred_lets::means_the_same_later;
use super::Planner;
use crate::engine::cell::{Let, names};
use crate::engine::session::{Openness, Variable};

impl Planner<'_> {
    /// Returns the openness of a variable of this `let`, given what is `known` from its type.
    pub(super) fn openness(&self, name: &str, binding: &Let, known: Openness) -> Openness {
        let shown = self.answer.types.get(name).map_or("", String::as_str);
        if matches!(shown, "i32" | "f64") && self.is_made_of_open_numbers(binding) {
            return Openness::Number;
        }
        let is_open = |shown: &str| shown.contains("{integer}") || shown.contains("{float}");
        let call = self.answer.calls.get(name);
        let is_open_call = call.is_some_and(|call| is_open(call));
        let can_differ = is_open(shown) || is_open_call && !self.names_variables(binding);
        let is_used_here = || {
            let rest = &self.cell.code[self.cell.end_of(binding)..];
            names(rest, self.cell.edition).contains(name)
        };
        let is_repeatable = known == Openness::Settled
            && can_differ
            && means_the_same_later(binding, self.cell, self.session)
            && (!binding.has_state() || !is_used_here());
        match is_repeatable {
            true => Openness::Repeatable(binding.text.clone()),
            false => known,
        }
    }

    /// Whether the value of a `let` names variables. A closure may have captured what they were.
    fn names_variables(&self, binding: &Let) -> bool {
        let mentioned = names(binding.value_text(), self.cell.edition);
        let is_variable =
            |name: &String| self.is_here(name) || self.session.variable(name).is_some();
        mentioned.iter().any(is_variable)
    }

    /// Whether a `let` names only variables of earlier cells with numbers whose types are open, so that its own type is open too.
    fn is_made_of_open_numbers(&self, binding: &Let) -> bool {
        let mentioned = names(binding.value_text(), self.cell.edition);
        let mut earlier = mentioned
            .iter()
            .map(|name| self.session.variable(name))
            .peekable();
        let is_open = |variable: Option<&Variable>| {
            variable.is_some_and(|variable| variable.openness != Openness::Settled)
        };
        earlier.peek().is_some() && earlier.all(is_open)
    }
}
