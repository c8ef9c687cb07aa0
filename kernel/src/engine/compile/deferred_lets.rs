//! `let`s that later cells repeat: those whose types are determined there, and those that borrow.

use crate::cell::Space;
use crate::engine::cell::{
    Cell, Changes, Item, Let, changes, is_pure, names, only_changes_values, references, variables,
};
use crate::engine::session::{Deferred, Reason, Session, is_copy};
use crate::engine::source::{Insertions, Leaks};
use ra_ap_parser::Edition;
use std::collections::{BTreeMap, BTreeSet};

/// Returns a `let` of the cell as one that later cells repeat.
pub fn defer(binding: &Let, reason: Reason, cell: &Cell, number: u32) -> Deferred {
    let text = match reason {
        Reason::Unfinished => with_leaked_temporaries(binding),
        Reason::Borrows => binding.text.clone(),
    };
    Deferred {
        text,
        variables: binding.variables.clone(),
        reason,
        mentions: names(&binding.text, cell.edition),
        cell: number,
    }
}

/// Returns the text of a `let` with the temporaries that it borrows leaked: its variables may live longer than the cell that
/// determines their types.
fn with_leaked_temporaries(binding: &Let) -> String {
    let mut insertions = Insertions::default();
    let leaks = Leaks {
        values: binding.temporaries(),
        pins: binding.pins(),
        ..Leaks::none()
    };
    leaks.add(&mut insertions, &(0..binding.text.len()));
    insertions.applied_to(&binding.text)
}

/// Whether each later cell can repeat a `let`: it only computes, means the same there, and has no state that would be lost.
pub fn is_repeatable(binding: &Let, cell: &Cell, session: &Session) -> bool {
    !binding.has_state() && means_the_same_later(binding, cell, session)
}

/// Whether a `let` calls a function of the notebook, which may take long.
pub fn calls_own_function(binding: &Let, session: &Session) -> bool {
    let calls = binding.calls().unwrap_or_default();
    let associated = calls.associated.iter().map(|(_, name)| name);
    let mut called = calls.unknown.iter().chain(associated);
    called.any(|name| is_defined(name, session))
}

/// Whether a `let` that is repeated in a later cell gives the same value as in its own.
pub fn means_the_same_later(binding: &Let, cell: &Cell, session: &Session) -> bool {
    let Some(calls) = binding.calls() else {
        return false;
    };
    let value = binding.value_text();
    let mentions = variables(value, cell.edition);
    let hides_what_it_names = binding
        .variables
        .iter()
        .any(|(name, _)| mentions.contains(name));
    let end = cell.end_of(binding);
    let is_hidden_later = cell
        .variables()
        .into_iter()
        .any(|(other, name, _)| cell.end_of(other) > end && mentions.contains(name));
    !hides_what_it_names
        && !is_hidden_later
        && calls
            .unknown
            .iter()
            .all(|name| only_computes(name, session))
        && calls
            .known
            .iter()
            .all(|name| !is_defined(name, session) || only_computes(name, session))
        && calls.associated.iter().all(|(of, name)| {
            let mut items = session.items.iter();
            items.any(|item| item.defines(Space::Types, of)) && only_computes(name, session)
        })
        // A destructor runs once.
        && !session.drops_one_of(&names(value, cell.edition))
}

/// Whether a statement of the cell changes some of the variables `waiting`, whose `let`s are repeated, and nothing else, and reads
/// nothing that may change, so that it can be repeated with them. `types` are the types of variables as rustc shows them.
pub fn only_changes(
    text: &str,
    waiting: &BTreeSet<String>,
    types: &BTreeMap<String, String>,
    session: &Session,
    cell: &Cell,
) -> bool {
    let edition = cell.edition;
    let mentions = names(text, edition);
    let shares_state =
        |name: &str| type_of(name, types, session).is_some_and(|ty| session.shares_state(ty));
    let mut others: BTreeSet<String> = references(text, edition)
        .into_iter()
        .map(|found| found.name)
        .collect();
    others.retain(|name| !waiting.contains(name));
    let changes_shared_state = || others.iter().any(|name| shares_state(name));
    let may_change = |name: &String| {
        let own = cell.variables();
        let own = own.iter().find(|(_, other, _)| other == name);
        own.map_or_else(
            || session.variable(name).is_some_and(|found| found.is_mut),
            |(_, _, is_mut)| *is_mut,
        )
    };
    let is_harmless =
        is_pure(&mentions) || only_changes_values(&mentions) && !changes_shared_state();
    is_harmless && !mentions.is_disjoint(waiting) && !others.iter().any(may_change)
}

/// Returns the variables that a statement may change. `types` are the types of variables as rustc shows them.
pub fn changed(
    text: &str,
    types: &BTreeMap<String, String>,
    session: &Session,
    edition: Edition,
) -> BTreeSet<String> {
    let Changes { certain, called } = changes(text, edition);
    let is_value = |name: &String| {
        let ty = type_of(name, types, session);
        ty.is_some_and(|ty| is_copy(ty) || matches!(ty.as_str(), "{integer}" | "{float}"))
    };
    let leaves_it = |method: &str| {
        let mut defined = session
            .items
            .iter()
            .filter(|item| defines(item, method))
            .peekable();
        defined.peek().is_some() && !defined.any(|item| takes_exclusively(item, method))
    };
    let changing = called
        .into_iter()
        .filter(|(name, method)| !is_value(name) && !leaves_it(method));
    let changing = changing.map(|(name, _)| name);
    certain.into_iter().chain(changing).collect()
}

/// Returns the type of a variable of the cell, which is among `types`, or of an earlier one.
pub fn type_of<'a>(
    name: &str,
    types: &'a BTreeMap<String, String>,
    session: &'a Session,
) -> Option<&'a String> {
    let earlier = session.variable(name).map(|variable| &variable.ty);
    types.get(name).or(earlier)
}

fn is_defined(name: &str, session: &Session) -> bool {
    session.items.iter().any(|item| defines(item, name))
}

fn defines(item: &Item, name: &str) -> bool {
    let is_function = item.kind == "fn" && item.names.iter().any(|(_, other)| *other == name);
    let mut headers = item.header.iter();
    is_function || headers.any(|header| header.members.iter().any(|(other, _)| *other == name))
}

/// Whether a function of this name in the item has a `mut` parameter, so that it may change what it is called with.
fn takes_exclusively(item: &Item, name: &str) -> bool {
    let functions = item.functions(name);
    let mut signatures = functions.filter_map(|function| function.split('{').next());
    signatures.any(|signature| signature.contains("mut "))
}

/// Whether all functions and methods of this name are the user's and do nothing but compute, judging by the names in them.
fn only_computes(name: &str, session: &Session) -> bool {
    let mut open = vec![name.to_owned()];
    let mut seen = BTreeSet::new();
    let mut found = false;
    while let Some(name) = open.pop() {
        for item in &session.items {
            if !defines(item, &name) {
                continue;
            }
            found = true;
            if !is_pure(&item.mentions)
                || takes_exclusively(item, &name)
                || session.reads_state(&item.mentions)
                || session.drops_one_of(&item.mentions)
            {
                return false;
            }
            open.extend(
                item.mentions
                    .iter()
                    .filter(|mention| seen.insert((*mention).clone()))
                    .cloned(),
            );
        }
    }
    found
}
