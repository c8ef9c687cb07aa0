//! Plans the variables whose types are provisional: what the cell does to them must be repeated once their types are known.

use super::super::deferred_lets::{changed, only_changes};
use super::super::open_types::open_type;
use super::Planner;
use crate::engine::cell::{Let, Operands, operands};
use crate::engine::rustc::{is_convertible, is_never, split, with_never};
use crate::engine::session::{Openness, Reason};
use std::collections::BTreeSet;

/// What a cell does in its order.
enum Step<'a> {
    /// A `let` that is deferred.
    Deferred(&'a Let),
    /// Something that may change variables, as a statement without variables.
    Change(String),
}

impl<'a> Planner<'a> {
    /// Defers what changes variables of provisional types, in the order of the cell. A variable that something changes which cannot be
    /// repeated keeps its provisional type.
    pub(super) fn plan_provisional(&mut self) {
        if self.plan.pinned.is_empty() {
            return;
        }
        let steps = self.steps();
        let changes = || {
            steps.iter().filter_map(|step| match step {
                Step::Change(text) => Some(text),
                Step::Deferred(_) => None,
            })
        };
        loop {
            let provisional = self.provisional();
            let lost = changes().filter(|text| self.repeated(text, &provisional).is_none());
            let lost: BTreeSet<String> = lost
                .flat_map(|text| self.changed(text))
                .filter(|name| provisional.contains(name) && !self.is_always_empty(name))
                .collect();
            if lost.is_empty() {
                break;
            }
            for name in lost {
                self.settle(&name);
            }
        }
        let provisional = self.provisional();
        for step in &steps {
            match step {
                Step::Deferred(binding) => self.defer_again(binding),
                Step::Change(text) => {
                    let repeated = self.repeated(text, &provisional).unwrap_or_default();
                    for text in repeated {
                        self.defer(&Let::none(&text), Reason::Unfinished);
                    }
                }
            }
        }
    }

    /// Puts a deferred `let` behind what has been deferred since.
    fn defer_again(&mut self, binding: &Let) {
        if let Some(index) = self.deferred_at(binding) {
            let deferred = self.plan.deferred.remove(index);
            self.plan.deferred.push(deferred);
        }
    }

    /// Returns the index of a `let` of the cell among those that are deferred until their types are known.
    fn deferred_at(&self, binding: &Let) -> Option<usize> {
        let mut deferred = self.plan.deferred.iter();
        deferred.position(|deferred| {
            deferred.reason == Reason::Unfinished && deferred.variables == binding.variables
        })
    }

    /// Returns what of a statement must be repeated with the variables that it changes, as statements; `None` if that cannot be
    /// repeated.
    fn repeated(&self, text: &str, variables: &BTreeSet<String>) -> Option<Vec<String>> {
        let (types, edition) = (&self.answer.types, self.cell.edition);
        if self.changed(text).is_disjoint(variables) {
            return Some(Vec::new());
        }
        if only_changes(text, variables, types, self.session, self.cell) {
            return Some(vec![text.to_owned()]);
        }
        let Operands { operands, rest } = operands(text, edition)?;
        if !self.changed(&rest).is_disjoint(variables) {
            return None;
        }
        let operands = operands.iter();
        let repeated = operands.map(|value| self.repeated(&format!("_ = {value};"), variables));
        Some(repeated.collect::<Option<Vec<_>>>()?.concat())
    }

    fn steps(&self) -> Vec<Step<'a>> {
        let cell = self.cell;
        let text = |range: &std::ops::Range<usize>| cell.code[range.clone()].to_owned();
        let statements = cell.statements.iter();
        let statements = statements.filter_map(|statement| match &statement.binding {
            None => Some(Step::Change(text(&statement.range))),
            Some(binding) if self.deferred_at(binding).is_some() => Some(Step::Deferred(binding)),
            Some(binding) => Some(Step::Change(format!("_ = {};", binding.initializer()?))),
        });
        let result = cell.result.iter();
        let result = result.map(|range| Step::Change(format!("_ = {};", text(range))));
        statements.chain(result).collect()
    }

    fn provisional(&self) -> BTreeSet<String> {
        let pinned = self.plan.pinned.iter();
        pinned.map(|left| left.variable.name.clone()).collect()
    }

    fn changed(&self, text: &str) -> BTreeSet<String> {
        changed(text, &self.answer.types, self.session, self.cell.edition)
    }

    /// Whether a variable's value can only be the empty one as long as its type is not known, so that nothing can change it: a
    /// collection of elements of an unknown type.
    fn is_always_empty(&self, name: &str) -> bool {
        const COLLECTIONS: [&str; 9] = [
            "Vec",
            "VecDeque",
            "Option",
            "HashMap",
            "HashSet",
            "BTreeMap",
            "BTreeSet",
            "BinaryHeap",
            "LinkedList",
        ];
        let mut pinned = self.plan.pinned.iter();
        let Some(left) = pinned.find(|left| left.variable.name == name) else {
            return false;
        };
        let ty = &left.variable.ty;
        let Some((of, arguments)) = ty.strip_suffix('>').and_then(|ty| ty.split_once('<')) else {
            return false;
        };
        let is_collection = of
            .rsplit("::")
            .next()
            .is_some_and(|of| COLLECTIONS.contains(&of));
        let is_empty = |ty: &str| {
            let tuple = ty
                .strip_prefix('(')
                .and_then(|parts| parts.strip_suffix(')'));
            split(tuple.unwrap_or(ty), ',')
                .into_iter()
                .any(|part| is_never(part.trim()))
        };
        is_collection
            && split(arguments, ',')
                .into_iter()
                .any(|ty| is_empty(ty.trim()))
    }

    /// Stores a variable under its provisional type, and those of the same `let` with it. A later cell may convert it, if the type allows
    /// that.
    fn settle(&mut self, name: &str) {
        let plan = &mut self.plan;
        let waiting = plan.deferred.iter().chain(&self.session.deferred);
        let together: BTreeSet<String> = waiting
            .filter(|deferred| deferred.reason == Reason::Unfinished && deferred.defines(name))
            .flat_map(|deferred| deferred.variables.iter().map(|(name, _)| name.clone()))
            .chain([name.to_owned()])
            .collect();
        plan.deferred.retain(|deferred| {
            deferred.reason == Reason::Borrows
                || !together.iter().any(|name| deferred.defines(name))
        });
        let pinned = std::mem::take(&mut plan.pinned);
        for mut left in pinned {
            let name = &left.variable.name;
            let shown = self.answer.types.get(name).map(|shown| with_never(shown));
            let open = shown.map(|shown| open_type(&shown, self.session));
            let open = open.filter(|open| is_convertible(&open.shown, &open.structs));
            left.variable.openness = open.map_or(Openness::Settled, Openness::Convertible);
            match together.contains(name) {
                true if self.cell.binding(name).is_some() => plan.left.push(left),
                true => plan.found.push(left),
                false => plan.pinned.push(left),
            }
        }
    }
}
