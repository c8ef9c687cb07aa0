//! What all sources of a cell have in common.

use super::map::{Origin, Source};
use crate::engine::cell::{Cell, Reference, Statement, references};
use crate::engine::session::{Selection, Session};
use std::collections::{BTreeMap, BTreeSet};

/// Adds attributes and items.
pub fn add_items(source: &mut Source, session: &Session, cell: &Cell, selection: &Selection) {
    for attribute in &session.attributes {
        source.generate(attribute);
        source.generate("\n");
    }
    for (index, item) in selection.items.iter().enumerate() {
        let is_new = cell.items.iter().any(|new| new.cell == item.cell);
        for (text, from) in session.statics.written(item) {
            let start = item.start + from.filter(|_| item.is_verbatim).unwrap_or_default();
            if is_new {
                source.add(&text, Origin::Cell, start);
            } else {
                source.add(&text, Origin::Item(index), start);
            }
        }
        source.generate("\n");
    }
}

/// Adds the waiting `let`s at these places.
pub fn add_deferred(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    lending: &BTreeMap<String, usize>,
    places: &BTreeSet<usize>,
) {
    let lent = Lent {
        cell,
        selection,
        lending,
    };
    for (index, deferred) in selection
        .deferred
        .iter()
        .enumerate()
        .filter(|(index, _)| places.contains(index))
    {
        lent.add(source, &deferred.text, Origin::Deferred(index), 0);
        source.generate("\n");
    }
}

/// Adds the `let`s that the cell has in front of it, but those at the places `done`, and its statements. `lending` has the variables that are lent in the cell, each
/// with the byte of the statement before which that happens.
pub fn add_statements(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    lending: &BTreeMap<String, usize>,
    done: &BTreeSet<usize>,
) {
    let rest = (0..selection.deferred.len())
        .filter(|index| !done.contains(index))
        .collect();
    add_deferred(source, cell, selection, lending, &rest);
    let lent = Lent {
        cell,
        selection,
        lending,
    };
    for statement in &cell.statements {
        for (name, _) in lending
            .iter()
            .filter(|(_, at)| **at == statement.range.start)
        {
            source.generate(&format!("let {name}: &'static _ = ::std::boxed::Box::leak(::std::boxed::Box::new({name}));\n"));
        }
        let text = &cell.code[statement.range.clone()];
        lent.add(source, text, Origin::Cell, statement.range.start);
        source.generate(if statement.needs_semicolon {
            ";\n"
        } else {
            "\n"
        });
    }
}

/// Adds the cell's result, with text around it.
pub fn add_result(
    source: &mut Source,
    cell: &Cell,
    selection: &Selection,
    lending: &BTreeMap<String, usize>,
    around: (&str, &str),
) {
    if let Some(range) = &cell.result {
        source.generate(around.0);
        let lent = Lent {
            cell,
            selection,
            lending,
        };
        lent.add(source, &cell.code[range.clone()], Origin::Cell, range.start);
        source.add(around.1, Origin::Result, 0);
        source.generate("\n");
    }
}

/// Variables that are references behind the scenes: each mention stands for what they refer to.
struct Lent<'a> {
    cell: &'a Cell,
    selection: &'a Selection,
    lending: &'a BTreeMap<String, usize>,
}

impl Lent<'_> {
    fn is_lent(&self, name: &str, at: usize, origin: &Origin) -> bool {
        let is_here = *origin == Origin::Cell;
        let earlier = self
            .selection
            .variables
            .iter()
            .any(|variable| variable.name == name && variable.lent_to.is_some());
        earlier && !(is_here && self.is_hidden(name, at))
            || is_here && self.lending.get(name).is_some_and(|from| *from <= at)
    }

    /// Whether the cell defines another variable of that name, which is meant at this place.
    fn is_hidden(&self, name: &str, at: usize) -> bool {
        let defines = |statement: &&Statement| {
            statement
                .binding
                .as_ref()
                .is_some_and(|binding| binding.defines(name))
        };
        self.cell
            .statements
            .iter()
            .find(defines)
            .is_some_and(|statement| {
                // On the right side, it is not there yet.
                let value = self.cell.code[statement.range.clone()]
                    .find('=')
                    .map_or(statement.range.end, |equals| statement.range.start + equals);
                at >= statement.range.end || (statement.range.start..value).contains(&at)
            })
    }

    fn add(&self, source: &mut Source, text: &str, origin: Origin, start: usize) {
        let mut done = 0;
        for Reference { range, is_field } in references(text, self.cell.edition) {
            let name = &text[range.clone()];
            if self.is_lent(name, start + range.start, &origin) {
                source.add(&text[done..range.start], origin.clone(), start + done);
                source.generate(&if is_field {
                    format!("{name}: (*")
                } else {
                    "(*".to_owned()
                });
                source.add(name, origin.clone(), start + range.start);
                source.generate(")");
                done = range.end;
            }
        }
        source.add(&text[done..], origin, start + done);
    }
}

/// What the function around the cell is called with and evaluates to.
pub fn outcome(cell: &Cell) -> &'static str {
    if cell.can_fail {
        "::std::result::Result<(), ::threadbook_cell::CellError>"
    } else {
        "()"
    }
}

/// How the cell evaluates to that.
pub fn end(cell: &Cell) -> &'static str {
    if cell.can_fail {
        "::std::result::Result::Ok(())\n"
    } else {
        ""
    }
}
