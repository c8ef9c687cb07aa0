//! The parts that a cell's probe and its program have in common.

use super::edits::Edits;
use super::map::{Origin, Source};
use crate::engine::cell::Cell;
use crate::engine::session::{Deferred, Reason, Selection, Session};
use std::collections::BTreeSet;

/// Adds the attributes and items.
pub fn add_items(source: &mut Source, session: &Session, cell: &Cell, selection: &Selection) {
    for attribute in &session.attributes {
        source.generate(attribute);
        source.generate("\n");
    }
    for (index, item) in selection.items.iter().enumerate() {
        let is_new = cell.items.iter().any(|new| new.cell == item.cell);
        for (text, from) in session.statics.written(item, &session.items) {
            let start = item.start + from.filter(|_| item.is_verbatim).unwrap_or_default();
            if is_new && from.is_none() {
                source.generate(&text);
            } else if is_new {
                source.add(&text, Origin::Cell, start);
            } else {
                source.add(&text, Origin::Item(index), start);
            }
        }
        source.generate("\n");
    }
    source.generate(&selection.implementations);
}

/// Returns the indices of the deferred `let`s that stand before the variables of earlier cells, which may begin to borrow from
/// theirs: those that wait, if they need nothing of the other ones.
pub fn deferred_first(selection: &Selection) -> BTreeSet<usize> {
    let all = selection.deferred.iter().enumerate();
    let (waiting, others): (Vec<_>, Vec<_>) =
        all.partition(|(_, deferred)| deferred.reason == Reason::Unfinished);
    let needs_others = waiting.iter().any(|(_, deferred)| {
        let mut variables = selection.variables.iter();
        let mut others = others.iter().flat_map(|(_, other)| &other.variables);
        variables.any(|variable| deferred.reads(&variable.name))
            || others.any(|(name, _)| deferred.reads(name))
    });
    let is_needed = others.iter().any(|(_, deferred)| {
        let mut variables = waiting.iter().flat_map(|(_, waiting)| &waiting.variables);
        variables.any(|(name, _)| deferred.reads(name))
    });
    match needs_others || is_needed {
        true => BTreeSet::new(),
        false => waiting.into_iter().map(|(index, _)| index).collect(),
    }
}

/// Adds the deferred `let`s with these indices, and anchors their variables.
pub fn add_anchored(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    edits: &Edits,
    places: &BTreeSet<usize>,
) {
    for (index, deferred) in with_places(selection, places) {
        add_let(source, cell, selection, edits, (index, deferred));
        source.generate(&edits.anchors_of_deferred(deferred));
    }
}

/// Adds the deferred `let`s with these indices.
pub fn add_deferred(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    edits: &Edits,
    places: &BTreeSet<usize>,
) {
    for found in with_places(selection, places) {
        add_let(source, cell, selection, edits, found);
    }
}

/// Returns the deferred `let`s with these indices, each with its index.
fn with_places<'a>(
    selection: &'a Selection,
    places: &'a BTreeSet<usize>,
) -> impl Iterator<Item = (usize, &'a Deferred)> {
    let all = selection.deferred.iter().enumerate();
    all.filter(|(index, _)| places.contains(index))
}

fn add_let(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    edits: &Edits,
    (index, deferred): (usize, &Deferred),
) {
    edits.add(
        source,
        &deferred.text,
        Origin::Deferred(index),
        0,
        cell,
        selection,
    );
    source.generate("\n");
}

/// Adds the deferred `let`s, except those with the indices `done`, and the cell's statements.
pub fn add_statements(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    edits: &Edits,
    done: &BTreeSet<usize>,
) {
    let rest = (0..selection.deferred.len())
        .filter(|index| !done.contains(index))
        .collect();
    add_anchored(source, cell, selection, edits, &rest);
    let mut macros = selection.macros.iter().copied().peekable();
    let is_own = |index: &usize| {
        cell.items
            .iter()
            .any(|own| own.cell == selection.items[*index].cell)
    };
    while let Some(index) = macros.next_if(|index| !is_own(index)) {
        add_macro(source, selection, index, Origin::Item(index));
    }
    for statement in &cell.statements {
        let is_before = |index: &usize| selection.items[*index].start <= statement.range.start;
        while let Some(index) = macros.next_if(is_before) {
            add_macro(source, selection, index, Origin::Cell);
        }
        source.generate(&edits.anchors_at(statement.range.start));
        source.generate(&edits.unboxings_at(statement.range.start));
        let mut text = &cell.code[statement.range.clone()];
        if let Some(rule) = &statement.rule {
            source.generate(&format!("macro_rules! {EXPANDED} {{ {rule} }}\n{EXPANDED}"));
            text = text.trim_start_matches(|letter| letter != '!');
        }
        let start = statement.range.end - text.len();
        edits.add(source, text, Origin::Cell, start, cell, selection);
        source.generate(if statement.needs_semicolon {
            ";\n"
        } else {
            "\n"
        });
        source.generate(&edits.leaks.reads_after(&statement.range));
        let defined = statement
            .binding
            .iter()
            .flat_map(|binding| &binding.variables);
        for (name, _) in defined {
            edits.parts.save(source, name, &BTreeSet::new());
        }
        source.generate(&edits.drops_at(statement.range.end));
    }
    for index in macros {
        add_macro(source, selection, index, Origin::Cell);
    }
}

/// The name of the macro in place of one whose expansion also has items.
const EXPANDED: &str = "threadbook_expanded";

/// Adds a macro of the selection that names variables.
fn add_macro(source: &mut Source, selection: &Selection, index: usize, origin: Origin) {
    let item = &selection.items[index];
    source.add(&item.text, origin, item.start);
    source.generate("\n");
}

/// Adds the cell's result, between the two texts `around`.
pub fn add_result(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    edits: &Edits,
    around: (&str, &str),
) {
    if let Some(range) = &cell.result {
        source.generate(&edits.anchors_at(range.start));
        source.generate(around.0);
        edits.add(
            source,
            &cell.code[range.clone()],
            Origin::Cell,
            range.start,
            cell,
            selection,
        );
        source.add(around.1, Origin::Result, 0);
        source.generate("\n");
    }
}

/// Returns the return type of the function around the cell.
pub fn outcome(cell: &Cell) -> &'static str {
    if cell.can_fail {
        "::std::result::Result<(), ::threadbook_cell::CellError>"
    } else {
        "()"
    }
}

/// Returns the expression that ends this function.
pub fn end(cell: &Cell) -> &'static str {
    if cell.can_fail {
        "::std::result::Result::Ok(())\n"
    } else {
        ""
    }
}
