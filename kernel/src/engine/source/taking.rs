//! Takes variables of earlier cells into the function of a cell.
//!
//! A variable that borrows from others is stored under a type with `'static` in place of its lifetimes. Here it is tied to its
//! lenders again, by a function `fn tie<'a>(lender: &'a mut L, borrower: B<'static>) -> B<'a>`: rustc checks the borrow from there
//! on as it does in one program. Each lifetime of a type is tied to what it borrows from, if that is known.

use super::edits::Edits;
use super::map::{Source, Use};
use crate::engine::cell::Cell;
use crate::engine::session::{Loan, Variable, is_within};
use std::collections::{BTreeMap, BTreeSet};

/// Where the values of earlier cells come from.
pub trait StoredValues {
    /// Returns the expression for a stored value.
    fn value(&self, variable: &Variable) -> String;

    /// Adds the statement that takes a variable that borrows from nothing; `mutable` is `mut ` or nothing.
    fn take(&self, source: &mut Source, variable: &Variable, mutable: &str);

    /// Returns a variable with the type that it has in the cell.
    fn in_cell(&self, variable: &Variable) -> Variable {
        variable.clone()
    }

    /// Whether the variable is not tied to what it borrows from.
    fn is_loose(&self, _: &Variable) -> bool {
        false
    }

    /// Whether the cell learns right after it has taken the variable which parts earlier cells have moved.
    fn moves_at_once(&self, variable: &Variable) -> bool;
}

/// Adds statements that take these variables, lenders before borrowers, out of `all` that the cell takes.
///
/// A borrower that the cell only hides, by a variable of the same name, is dropped at once: its destructor would otherwise keep the
/// loan until the end of the cell.
pub fn take_variables(
    source: &mut Source,
    variables: &[&Variable],
    all: &[&Variable],
    cell: &Cell,
    edits: &Edits,
    stored: &impl StoredValues,
) {
    let loans = all.iter().flat_map(|variable| &variable.loans);
    let lent: BTreeSet<&str> = loans
        .filter(|loan| loan.is_exclusive)
        .map(|loan| loan.lender.as_str())
        .collect();
    let mutable = |variable: &Variable| match edits.is_mut(variable)
        || lent.contains(variable.name.as_str())
    {
        true => "mut ",
        false => "",
    };
    for group in lenders_first(variables) {
        let is_loose = |variable: &Variable| variable.loans.is_empty() || stored.is_loose(variable);
        let (loose, tied): (Vec<&Variable>, Vec<&Variable>) =
            group.iter().partition(|variable| is_loose(variable));
        for variable in loose {
            stored.take(source, variable, mutable(variable));
        }
        if let Some(first) = tied.first() {
            let tie = tie(&tied, all, mutable, stored);
            source.use_variable(&tie, Use::Tie, &first.name);
        }
        for variable in group {
            if stored.moves_at_once(variable) {
                let parts = &edits.earlier_parts;
                parts.save(source, &variable.name, &variable.moved_parts);
            }
        }
    }
    let lends = |variable: &Variable| {
        let mut loans = variables.iter().flat_map(|other| &other.loans);
        loans.any(|loan| loan.lender == variable.name)
    };
    for variable in variables {
        let borrows = !variable.loans.is_empty();
        if borrows && !lends(variable) && cell.begins_with(&variable.name) {
            source.generate(&format!("::std::mem::drop({});\n", variable.name));
        }
    }
}

/// Returns the statement that takes these variables and ties them to their lenders.
fn tie(
    group: &[&Variable],
    all: &[&Variable],
    mutable: impl Fn(&Variable) -> &'static str,
    stored: &impl StoredValues,
) -> String {
    let list = |text: &dyn Fn(&Variable) -> String| -> String {
        group.iter().map(|variable| text(variable) + ", ").collect()
    };
    let places = lent(group, all);
    let (mut lifetimes, mut lenders) = (String::new(), String::new());
    let (mut parameters, mut arguments) = (String::new(), String::new());
    for (index, (place, is_exclusive)) in places.iter().enumerate() {
        let mutable = if *is_exclusive { "mut " } else { "" };
        lifetimes.push_str(&format!("'lent{index}, "));
        lenders.push_str(&format!("L{index}: ?::std::marker::Sized, "));
        parameters.push_str(&format!("_: &'lent{index} {mutable}L{index}, "));
        let whole = if place.contains('.') { "" } else { "*" };
        arguments.push_str(&format!("&{mutable}{whole}{place}, "));
    }
    // Each lifetime in the types is as long as all that it borrows lives.
    let mut bounds = String::new();
    let mut types = String::new();
    for (index, variable) in group.iter().enumerate() {
        let borrowed: Vec<Vec<usize>> = (0..variable.lifetimes())
            .map(|lifetime| borrowed(variable, lifetime, &places, all))
            .collect();
        for (lifetime, lent) in borrowed.iter().enumerate() {
            lifetimes.push_str(&format!("'borrowed{index}_{lifetime}, "));
            let outlive = |lent| format!("'lent{lent}: 'borrowed{index}_{lifetime}, ");
            bounds.extend(lent.iter().map(outlive));
        }
        types +=
            &stored
                .in_cell(variable)
                .type_with(|lifetime| match borrowed[lifetime].is_empty() {
                    true => "'static".to_owned(),
                    false => format!("'borrowed{index}_{lifetime}"),
                });
        types += ", ";
    }
    // SAFETY of the generated `transmute`: the types differ only in lifetimes. The shorter ones end when the lenders change, move
    // or end, as they did in the cell that stored the values.
    format!(
        "let ({}) = {{ fn threadbook_tie<{lifetimes}{lenders}>({parameters}values: ({})) -> ({types}) where {bounds} \
         {{ unsafe {{ ::std::mem::transmute(values) }} }} threadbook_tie({arguments}({})) }};",
        list(&|variable| format!("{}{}", mutable(variable), variable.name)),
        list(&|variable| stored.in_cell(variable).stored_type()),
        list(&|variable| stored.value(variable)),
    )
}

/// Returns the indices of those of the places from which this lifetime in a variable's type borrows.
fn borrowed(
    variable: &Variable,
    lifetime: usize,
    places: &BTreeMap<String, bool>,
    all: &[&Variable],
) -> Vec<usize> {
    let loans = variable.loans.iter();
    let loans =
        loans.filter(|loan| loan.lifetimes.is_empty() || loan.lifetimes.contains(&lifetime));
    let lent: Vec<&String> = loans.flat_map(|loan| lent_places(loan, all)).collect();
    let is_lent = |place: &str| lent.iter().any(|lent| is_within(lent, place));
    let indices = places.keys().enumerate();
    let indices = indices.filter(|(_, place)| is_lent(place));
    indices.map(|(index, _)| index).collect()
}

/// Returns the places that these variables borrow, each with whether they do so exclusively. None of them is a part of another one.
fn lent(group: &[&Variable], all: &[&Variable]) -> BTreeMap<String, bool> {
    let mut places: BTreeMap<String, bool> = BTreeMap::new();
    for loan in group.iter().flat_map(|variable| &variable.loans) {
        for place in lent_places(loan, all) {
            *places.entry(place.clone()).or_default() |= loan.is_exclusive;
        }
    }
    let mut widest: BTreeMap<String, bool> = BTreeMap::new();
    for (place, is_exclusive) in places {
        match widest
            .iter_mut()
            .find(|(other, _)| is_within(&place, other))
        {
            Some((_, known)) => *known |= is_exclusive,
            None => _ = widest.insert(place, is_exclusive),
        }
    }
    widest
}

/// Returns the places that a loan is about.
fn lent_places<'a>(loan: &'a Loan, all: &[&'a Variable]) -> Vec<&'a String> {
    let found = all.iter().find(|variable| variable.name == loan.lender);
    let left = found.map_or(&[][..], |variable| &variable.places_left);
    // What earlier cells have not moved out of it.
    let left_of = |part: &'a String| -> Vec<&'a String> {
        let within = left.iter().filter(|place| is_within(place, part));
        match within.collect::<Vec<_>>() {
            left if left.is_empty() => vec![part],
            left => left,
        }
    };
    match loan.parts.is_empty() {
        true => left_of(&loan.lender),
        false => loan.parts.iter().flat_map(left_of).collect(),
    }
}

/// Returns the expression to store for a variable, given that for its value.
pub fn untied(variable: &Variable, value: &str) -> String {
    if variable.loans.is_empty() {
        return value.to_owned();
    }
    // SAFETY of the generated `transmute`: the types differ only in lifetimes. The lenders are anchored, so what the value points
    // to stays in place, and `Session::end` and `tie` see to it that no cell uses the value after its lenders have changed.
    //
    // Each lifetime of the argument is one of its own: those in `&mut &str` need not be the same.
    format!(
        "{{ fn threadbook_untie(value: {}) -> {} {{ unsafe {{ ::std::mem::transmute(value) }} }} threadbook_untie({value}) }}",
        variable.type_for("'_"),
        variable.stored_type(),
    )
}

/// Returns the expression for a variable that begins to borrow in this cell, given that for its stored value. Behind a `Cell` or
/// `&mut`, rustc does not by itself shorten the `'static` of the stored type.
pub fn shortened(variable: &Variable, value: &str) -> String {
    let (stored, short) = (
        variable.type_of_borrower("'static"),
        variable.type_of_borrower("'threadbook"),
    );
    if stored == short {
        return value.to_owned();
    }
    // SAFETY of the generated `transmute`: the types differ only in lifetimes, and what lives for `'static` also lives as long as
    // what the cell adds. All that can reach the value is recorded to borrow what it does from then on.
    format!(
        "{{ fn threadbook_shorten<'threadbook>(value: {stored}) -> {short} {{ unsafe {{ ::std::mem::transmute(value) }} }} \
         threadbook_shorten({value}) }}"
    )
}

/// Sorts variables so that each one follows those that it borrows from. Variables that borrow the same, of which one of them is the
/// exclusive user, are in one group: only together can they be tied to it.
pub fn lenders_first<'a>(variables: &[&'a Variable]) -> Vec<Vec<&'a Variable>> {
    let mut pending: Vec<&Variable> = variables.to_vec();
    let mut groups = Vec::new();
    while !pending.is_empty() {
        let is_ready = |variable: &Variable| {
            let mut lenders = variable.loans.iter().map(|loan| &loan.lender);
            !lenders.any(|lender| pending.iter().any(|other| other.name == *lender))
        };
        let first = pending.iter().position(|variable| is_ready(variable));
        let mut group = vec![pending[first.unwrap_or_default()]];
        loop {
            let joins = |other: &&&Variable| {
                is_ready(other)
                    && group.iter().all(|member| member.name != other.name)
                    && group.iter().any(|member| conflict(member, other))
            };
            let Some(other) = pending.iter().find(joins) else {
                break;
            };
            group.push(*other);
        }
        pending.retain(|other| group.iter().all(|member| member.name != other.name));
        groups.push(group);
    }
    groups
}

fn conflict(one: &Variable, other: &Variable) -> bool {
    one.loans.iter().any(|loan| {
        let mut others = other.loans.iter();
        others.any(|other| loan.overlaps(other) && (loan.is_exclusive || other.is_exclusive))
    })
}
