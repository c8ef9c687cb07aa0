//! What becomes of the variables of a cell.

use super::closures::Closures;
use crate::engine::cell::{Cell, Value, may_be_moved, names};
use crate::engine::rustc::{Type, as_written, is_open};
use crate::engine::session::{Deferred, Openness, Reason, Selection, Session, Variable, is_copy};
use crate::engine::source::PersistedVariable;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Variables that the cell leaves to later ones.
    pub left: Vec<PersistedVariable>,
    /// Variables of `let`s that have waited for the cell, which are there also if it does not reach its end.
    pub found: Vec<PersistedVariable>,
    /// These `let`s, which are done before what the user wrote in the cell.
    pub hoisted: Vec<Deferred>,
    /// Variables whose types nobody has said yet, under types that do for this cell.
    pub pinned: Vec<PersistedVariable>,
    /// Variables of earlier cells that the cell moves.
    pub moved: BTreeSet<String>,
    /// Items for the types under which variables are kept.
    pub items: BTreeSet<String>,
    /// `let`s that wait for later cells.
    pub deferred: Vec<Deferred>,
    /// Variables that end with the cell, each with why.
    pub ends: BTreeMap<String, String>,
    /// Numbers of earlier cells that turn out to be of other types.
    pub numbers: BTreeMap<String, String>,
    /// Variables that were lent and that the cell changes or moves.
    pub taken_back: BTreeSet<String>,
    /// Variables of earlier cells whose names the cell gives to others, while `let`s that are done again borrow from them: they go
    /// on under these names.
    pub renamed: BTreeMap<String, String>,
    /// Parts that are moved out of variables that go on.
    pub moved_parts: BTreeMap<String, BTreeSet<String>>,
}

/// A variable that is lent for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lending {
    pub borrower: String,
    /// The bytes of the cell in which its name means this variable, from the statement that borrows on.
    pub range: Range<usize>,
    pub is_mut: bool,
    /// Whether the cell defines another variable of that name later.
    pub is_hidden: bool,
}

/// What attempts to compile a cell have taught.
#[derive(Debug, Default)]
pub struct Findings {
    /// Variables that borrow from others, each with rustc's message.
    pub borrowing: BTreeMap<String, String>,
    /// Variables that cannot be kept, each with why.
    pub ends: BTreeMap<String, String>,
    /// Variables of earlier cells that the cell moves.
    pub moved: BTreeSet<String>,
    /// Variables without a name for their type, of which more must be asked.
    pub ask_traits: BTreeSet<String>,
    /// Variables whose types are known late.
    pub late_types: BTreeSet<String>,
    /// Closures that are less general than their first type.
    pub special: BTreeSet<String>,
    /// Types for variables whose types nobody has said yet.
    pub pins: BTreeMap<String, String>,
    /// Numbers of earlier cells whose types are open again, each with a number of its kind.
    pub numbers: BTreeMap<String, String>,
    /// Variables that the cell lends for good.
    pub lent: BTreeMap<String, Lending>,
    /// Variables that cannot be lent so.
    pub unlendable: BTreeSet<String>,
    /// Variables that were lent and that the cell changes or moves, so that it has copies of them.
    pub taken_back: BTreeSet<String>,
    /// Variables of which there can be no copy.
    pub not_cloneable: BTreeSet<String>,
    /// Variables that borrow from values without names, which live on.
    pub leaks: BTreeSet<String>,
    /// Variables that parts were moved out of, by the paths of the parts.
    pub refills: BTreeMap<String, BTreeSet<String>>,
    /// Those whose parts cannot be given other values.
    pub not_refillable: BTreeSet<String>,
    /// Closures that variables' types are made of.
    pub closures: Closures,
}

/// What is to be settled before there can be a plan.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Variables of which more must be asked.
    pub ask_traits: BTreeSet<String>,
    /// Variables whose types are known late.
    pub late_types: BTreeSet<String>,
    /// Variables that must be lent for good.
    pub lend: BTreeMap<String, Lending>,
    /// Variables that borrow from values without names.
    pub leaks: BTreeSet<String>,
    /// Variables whose types are made of closures, which need types with names.
    pub closures: BTreeSet<String>,
}

impl Plan {
    /// Makes a plan without asking rustc, if that can be done.
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
        if waits || selection.variables.iter().any(may_move) {
            return None;
        }
        let mut plan = Plan::default();
        for (binding, name, is_mut) in cell.variables() {
            let after = cell.end_of(binding);
            let is_named_again = || names(&cell.code[after..], cell.edition).contains(name);
            let (ty, is_open) = match (&binding.written, &binding.value) {
                (_, Value::None) => return None,
                (Some(written), _) => (session.with_whole_paths(written, cell.edition), false),
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
                _ => Openness::Again(binding.text.clone()),
            };
            let variable = Variable {
                name: name.to_owned(),
                is_mut,
                shown: ty.clone(),
                ty,
                cell: number,
                openness,
                lent_to: None,
                moved_parts: BTreeSet::new(),
            };
            plan.left.push(PersistedVariable {
                variable,
                value: name.to_owned(),
            });
        }
        Some(plan)
    }
}

/// A variable without a value.
pub fn declared(name: &str, ty: &str, cell: u32) -> Deferred {
    Deferred {
        text: format!("let mut {name}: {ty};"),
        variables: vec![(name.to_owned(), true)],
        reason: Reason::Unfinished,
        mentions: names(ty, ra_ap_parser::Edition::CURRENT),
        cell,
    }
}

/// A type that does for now, for a variable whose type rustc has left open.
pub fn pin(shown: &str) -> Option<String> {
    match as_written(shown) {
        Type::Named(ty) if is_open(shown) => Some(ty),
        _ => None,
    }
}
