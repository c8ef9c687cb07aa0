//! The plan for a cell's variables, and what the attempts to compile the cell have found.

use super::closures::Closures;
use crate::engine::cell::{Cell, Value, may_be_moved, names};
use crate::engine::rustc::{Type, as_open, as_written, is_open};
use crate::engine::session::{
    Deferred, OpenType, Openness, Reason, Selection, Session, Variable, is_copy,
};
use crate::engine::source::{Anchor, Cast, PersistedVariable};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Variables that the cell leaves to later cells.
    pub left: Vec<PersistedVariable>,
    /// Variables of deferred `let`s that this cell completes. They exist even if the cell does not reach its end.
    pub found: Vec<PersistedVariable>,
    /// These `let`s, which run before the user's code in the cell.
    pub hoisted: Vec<Deferred>,
    /// Variables whose types are not yet determined, under types that do for this cell.
    pub pinned: Vec<PersistedVariable>,
    /// Variables of earlier cells that the cell moves.
    pub moved: BTreeSet<String>,
    /// Variables of earlier cells that begin to borrow in this one.
    pub begin_to_borrow: BTreeSet<String>,
    /// Items for the types under which variables are stored.
    pub items: BTreeSet<String>,
    /// `let`s that are deferred to later cells.
    pub deferred: Vec<Deferred>,
    /// Variables that end with the cell, each with the reason.
    pub ends: BTreeMap<String, String>,
    /// Those among them that still borrow at the cell's end.
    pub dropped: BTreeSet<String>,
    /// Numbers of earlier cells that turn out to have other types, with these types.
    pub numbers: BTreeMap<String, String>,
    /// Variables of earlier cells that the cell itself takes and stores: see `Program::inside`.
    pub inside: BTreeSet<String>,
    /// Variables of earlier cells that live on although the cell reuses their names, with their new names: see
    /// `Compilation::renamed`.
    pub renamed: BTreeMap<String, String>,
    /// Parts that are moved out of the cell's own variables.
    pub parts: BTreeMap<String, BTreeSet<String>>,
    /// Parts that are moved out of variables of earlier cells.
    pub earlier_parts: BTreeMap<String, BTreeSet<String>>,
}

/// What the attempts to compile a cell have found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Variables that borrow from others, each with rustc's message.
    pub borrowing: BTreeMap<String, String>,
    /// Variables that cannot persist, each with the reason.
    pub ends: BTreeMap<String, String>,
    /// Variables of earlier cells that the cell moves.
    pub moved: BTreeSet<String>,
    /// Variables with unnameable types, whose traits must be probed.
    pub ask_traits: BTreeSet<String>,
    /// Variables whose types rustc infers late.
    pub late_types: BTreeSet<String>,
    /// Closures whose arguments or results rustc infers late.
    pub late_calls: BTreeSet<String>,
    /// Closures that are less general than the type first chosen for them.
    pub special: BTreeSet<String>,
    /// Provisional types for variables whose types are not yet determined.
    pub pins: BTreeMap<String, String>,
    /// Numbers of earlier cells whose types are open again, each with an expression of the open type.
    pub numbers: BTreeMap<String, String>,
    /// The types of those among them that borrow from others.
    pub number_types: BTreeMap<String, String>,
    /// Variables of which it is probed what they borrow from exclusively.
    pub touched: BTreeSet<String>,
    /// Parts of variables of which it is probed whether they are borrowed.
    pub touched_parts: BTreeMap<String, Vec<String>>,
    /// The types of those among the variables whose types have several lifetimes.
    pub touched_types: BTreeMap<String, String>,
    /// Variables of the cell that it anchors.
    pub anchors: BTreeMap<String, Vec<Anchor>>,
    /// Variables of earlier cells that it anchors.
    pub earlier_anchors: BTreeSet<String>,
    /// Those among them that it leaks.
    pub earlier_leaks: BTreeSet<String>,
    /// Variables that cannot be anchored.
    pub loose: BTreeSet<String>,
    /// Variables of repeated `let`s that the cell stores, since others borrow from them, or later cells could not repeat the `let`s.
    pub due: BTreeSet<String>,
    /// Variables that borrow from temporaries, which are leaked.
    pub leaks: BTreeSet<String>,
    /// Parts that the cell moves out of its own variables.
    pub parts: BTreeMap<String, BTreeSet<String>>,
    /// Parts that this cell and earlier ones move out of variables of earlier cells.
    pub earlier_parts: BTreeMap<String, BTreeSet<String>>,
    /// Variables of earlier cells of which a pattern moves parts: a closure would capture the whole.
    pub taken_apart: BTreeSet<String>,
    /// Partially moved variables whose parts cannot be refilled.
    pub not_refillable: BTreeSet<String>,
    /// Whether variables whose parts it moves end with it, though what is left of them has a `Drop` of the notebook. A program runs
    /// that only at its end.
    pub leaks_rests: bool,
    /// Variables of earlier cells to drop after the statement that ends at this byte: see `Edits::drops`.
    pub drops: BTreeMap<String, usize>,
    /// Variables of earlier cells to take out of their boxes before the statement that begins at this byte: see `Edits::unboxed`.
    pub unboxed: BTreeMap<String, usize>,
    /// Closures in the types of variables.
    pub closures: Closures,
    /// Variables for whose types the calls in their `let`s have been cast.
    pub named_calls: BTreeSet<String>,
    /// Calls whose results are cast, by their bytes in the cell.
    pub calls: Vec<(Range<usize>, Cast)>,
}

/// What must be settled before a plan can be made.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Variables whose traits must be probed.
    pub ask_traits: BTreeSet<String>,
    /// Variables whose types rustc infers late.
    pub late_types: BTreeSet<String>,
    /// Closures whose arguments or results rustc infers late.
    pub late_calls: BTreeSet<String>,
    /// Variables of the cell that must be anchored.
    pub anchors: BTreeMap<String, Vec<Anchor>>,
    /// Variables of the cell that must be leaked where they are anchored.
    pub leaked_anchors: BTreeMap<String, Anchor>,
    /// Variables of earlier cells that must be anchored.
    pub earlier_anchors: BTreeSet<String>,
    /// Variables of repeated `let`s that the cell must store: see `Findings::due`.
    pub due: BTreeSet<String>,
    /// Those of them that cannot be stored, so that their `let`s go on to be repeated.
    pub not_due: BTreeSet<String>,
    /// Variables of earlier cells that must be anchored and leaked.
    pub earlier_leaks: BTreeSet<String>,
    /// Variables of which it must be probed what they borrow from exclusively.
    pub touched: BTreeSet<String>,
    /// Parts of variables of which it must be probed whether they are borrowed.
    pub touched_parts: BTreeMap<String, Vec<String>>,
    /// The types of those among the variables whose types have several lifetimes.
    pub touched_types: BTreeMap<String, String>,
    /// Variables of earlier cells that end before this cell runs, each with the reason: it uses what they borrow from.
    pub ended: BTreeMap<String, String>,
    /// Variables that borrow from temporaries.
    pub leaks: BTreeSet<String>,
    /// Variables whose types contain closures, which need nameable types.
    pub closures: BTreeSet<String>,
    /// Variables whose types contain those of the results of calls, which need nameable types.
    pub calls: BTreeSet<String>,
}

impl Open {
    /// Whether nothing but anchors of variables is missing, whose names mean the same in the whole cell.
    pub fn has_only_anchors(&self) -> bool {
        let anchors = Open {
            anchors: self.anchors.clone(),
            earlier_anchors: self.earlier_anchors.clone(),
            ..Open::default()
        };
        let mut all = self.anchors.values().flatten();
        *self == anchors && all.all(|anchor| !anchor.is_hidden)
    }
}

impl Plan {
    /// Makes a plan without a probe, if possible.
    pub fn guess(
        cell: &Cell,
        number: u32,
        session: &Session,
        selection: &Selection,
    ) -> Option<Plan> {
        let may_move =
            |variable: &Variable| !variable.is_copy() && may_be_moved(cell, &variable.name, 0);
        let waits = selection
            .deferred
            .iter()
            .any(|deferred| deferred.reason == Reason::Unfinished);
        if waits
            || selection.variables.iter().any(may_move)
            || selection
                .variables
                .iter()
                .any(|variable| !variable.loans.is_empty())
        {
            return None;
        }
        let mut plan = Plan::default();
        for (binding, name, is_mut) in cell.variables() {
            let after = cell.end_of(binding);
            let is_named_again = || names(&cell.code[after..], cell.edition).contains(name);
            let (ty, is_open) = match (&binding.written, &binding.value) {
                (_, Value::None) => return None,
                (Some(written), _) => (session.written_type(written, cell.edition), false),
                (None, Value::Literal { ty, is_open }) if !is_named_again() => {
                    (ty.clone(), *is_open)
                }
                _ => return None,
            };
            if !is_copy(&ty) && may_be_moved(cell, name, after) {
                return None;
            }
            let openness = match ty.as_str() {
                _ if !is_open => Openness::Settled,
                "i32" | "f64" => Openness::Number,
                _ => Openness::Convertible(OpenType::plain(&as_open(&ty))),
            };
            let variable = Variable {
                openness,
                ..Variable::new(name, is_mut, ty, number)
            };
            plan.left.push(PersistedVariable {
                variable,
                value: name.to_owned(),
            });
        }
        Some(plan)
    }
}

/// Returns a provisional type for a variable whose type rustc has left open.
pub fn pin(shown: &str) -> Option<String> {
    match as_written(shown) {
        Type::Named(ty) if is_open(shown) => Some(ty),
        _ => None,
    }
}
