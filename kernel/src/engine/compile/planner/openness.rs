//! Decides whether a later cell may determine the numbers in a variable.

use super::super::deferred_lets::means_the_same_later;
use super::super::open_types::open_type;
use super::super::trait_objects::boxed_iterator;
use super::Planner;
use crate::engine::cell::{Let, Value, names};
use crate::engine::rustc::{
    Structs, as_open, has_open_parts, is_convertible, is_iterator, phantom,
};
use crate::engine::session::{OpenItems, Openness, Variable};

impl Planner<'_> {
    /// Returns the openness of a variable of this `let`, given what is known from its type.
    pub(super) fn openness(&self, variable: &Variable, binding: &Let) -> Openness {
        let name = variable.name.as_str();
        let shown = self.answer.types.get(name).map_or("", String::as_str);
        let meets_only_open =
            || self.is_made_of_open_numbers(binding) || self.meets_only_open_numbers(name, binding);
        if matches!(shown, "i32" | "f64") && meets_only_open() {
            return Openness::Number;
        }
        let is_open = |shown: &str| shown.contains("{integer}") || shown.contains("{float}");
        let call = self.answer.calls.get(name).map(|call| {
            // rustc has told it with the types that it assumes for numbers.
            let is_late = self.learned.late_calls.contains(name);
            match is_late && self.is_used_with_open_numbers(name, binding) {
                true => as_open(call),
                false => call.clone(),
            }
        });
        let is_open_call = call.as_ref().is_some_and(|call| is_open(call));
        let can_differ = is_open(shown) || is_open_call && !self.names_variables(binding);
        let is_used_here = || {
            let rest = &self.cell.code[self.cell.end_of(binding)..];
            names(rest, self.cell.edition).contains(name)
        };
        let is_repeatable = can_differ
            && means_the_same_later(binding, self.cell, self.session)
            && (!binding.has_state() || !is_used_here());
        let items = self.open_items(variable);
        let own = || {
            let open = open_type(shown, self.session);
            let is_own = has_open_parts(shown) && !open.structs.is_empty();
            (is_own && is_convertible(shown, &open.structs)).then_some(open)
        };
        match &variable.openness {
            Openness::Settled if let Some(open) = own() => Openness::Convertible(open),
            Openness::Settled if is_repeatable => Openness::Repeatable {
                text: binding.text.clone(),
                call: call.filter(|call| !call.contains("{closure")),
                items,
            },
            Openness::Settled => items.map_or(Openness::Settled, Openness::Items),
            known => known.clone(),
        }
    }

    /// Returns the items of a variable that is an iterator over numbers whose types are open.
    fn open_items(&self, variable: &Variable) -> Option<OpenItems> {
        let Variable { name, ty, .. } = variable;
        let item = phantom(self.answer.items.get(name)?)?;
        let is_convertible = has_open_parts(item) && is_convertible(item, &Structs::new());
        is_convertible.then(|| OpenItems {
            item: item.to_owned(),
            iterator: boxed_iterator(name, ty, item, self.answer),
        })
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
        !mentioned.is_empty() && mentioned.iter().all(|name| self.is_open_earlier(name))
    }

    /// Whether a `let` gives its variable a number without a suffix, and the cell uses it only with variables of earlier cells with
    /// numbers whose types are open, as in `for x in &v { sum += x }`.
    fn meets_only_open_numbers(&self, name: &str, binding: &Let) -> bool {
        let is_literal = matches!(binding.value, Value::Literal { is_open: true, .. });
        is_literal && self.is_used_with_open_numbers(name, binding)
    }

    /// Whether the cell uses a variable, after its `let`, only with literals and with numbers of earlier cells whose types are open.
    fn is_used_with_open_numbers(&self, name: &str, binding: &Let) -> bool {
        let uses = self.cell.ranges().filter(|range| {
            range.start >= self.cell.end_of(binding) && self.cell.mentions(range, name)
        });
        // Others are bound there, or methods.
        let determines_type = |other: &String| {
            let is_defined = self.is_here(other) || self.session.defines(other, self.cell.edition);
            let is_settled = is_defined && !self.is_open_earlier(other);
            is_settled && other != name || is_number_type(other)
        };
        let mut mentioned = uses.flat_map(|range| {
            let text = &self.cell.code[range.clone()];
            names(text, self.cell.edition)
        });
        !mentioned.any(|other| determines_type(&other))
    }

    /// Whether an earlier cell defines a variable of this name with numbers whose types are open.
    fn is_open_earlier(&self, name: &str) -> bool {
        let variable = self.session.variable(name);
        variable.is_some_and(|variable| variable.openness != Openness::Settled)
    }
}

/// Whether a type is that of an iterator over numbers whose types are open, and not itself one that can be converted.
pub(super) fn has_open_items(shown: &str) -> bool {
    is_iterator(shown) && has_open_parts(shown) && !is_convertible(shown, &Structs::new())
}

fn is_number_type(name: &str) -> bool {
    let digits = name.trim_start_matches(['i', 'u', 'f']);
    name.len() == digits.len() + 1 && (digits == "size" || digits.parse::<u8>().is_ok())
}
