//! Edits to the cell's text that let its variables persist.

use super::cast::Cast;
use super::insertions::Insertions;
use super::leaks::Leaks;
use super::map::{Origin, Source};
use super::moved_parts::MovedParts;
use super::place::{Place, is_inside};
use crate::engine::cell::{Cell, Kind, Reference, Statement, moving, references};
use crate::engine::session::{Deferred, Selection, Variable};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The edits, by place.
#[derive(Debug)]
pub struct Edits {
    /// Variables that the cell anchors: see [`Variable::is_anchored`].
    pub anchors: BTreeMap<String, Vec<Anchor>>,
    pub leaks: Leaks,
    /// Closures and calls whose values are cast to a nameable type.
    pub casts: Vec<(Place, Cast)>,
    /// What the cell moves out of variables that it defines.
    pub parts: MovedParts,
    /// What this cell and earlier ones move out of variables of earlier cells.
    pub earlier_parts: MovedParts,
    /// Variables to drop after the statement that ends at this byte, the last one to name them. Their boxes have a destructor, which
    /// would keep a loan until the end of the cell; what the user put in the box has none.
    pub drops: BTreeMap<String, usize>,
    /// Variables to take out of their boxes before the statement that begins at this byte, the last one to name them, which moves
    /// them. An empty box would keep the loan.
    pub unboxed: BTreeMap<String, usize>,
}

/// Where a cell anchors a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The bytes of the cell in which its name means this variable, starting at the statement before which it is anchored.
    pub range: Range<usize>,
    pub is_mut: bool,
    /// Whether the cell defines another variable of that name later. Then the anchored one is leaked: no later cell names it, but
    /// its borrowers may live on.
    pub is_hidden: bool,
    /// See [`Variable::is_leaked`].
    pub is_leaked: bool,
    /// Whether the variable is that of a deferred `let`, after which it is anchored.
    pub is_deferred: bool,
}

impl Anchor {
    /// Returns the anchor of the variable that a name means at byte `at` of the cell, before the statement there; `is_mut` tells
    /// whether it is `mut`.
    pub fn at(cell: &Cell, name: &str, at: usize, is_mut: bool) -> Anchor {
        let hidden_from = cell.hidden_from(name, at);
        Anchor {
            range: at..hidden_from.unwrap_or(usize::MAX),
            is_mut,
            is_hidden: hidden_from.is_some(),
            is_leaked: false,
            is_deferred: false,
        }
    }

    /// Returns the statement that anchors the variable; `is_refilled` if its parts get placeholder values.
    fn statement(&self, name: &str, is_refilled: bool) -> String {
        let boxed = format!("::std::boxed::Box::new({name})");
        match (self.is_hidden, self.is_mut || is_refilled) {
            (true, _) => format!("let {name} = ::threadbook_cell::leak({name});\n"),
            _ if self.is_leaked => format!("let {name} = &*::threadbook_cell::leak({name});\n"),
            (false, true) => format!("let mut {name} = {boxed};\n"),
            (false, false) => format!("let {name} = {boxed};\n"),
        }
    }
}

impl Edits {
    pub const fn none() -> Edits {
        Edits {
            anchors: BTreeMap::new(),
            leaks: Leaks::none(),
            casts: Vec::new(),
            parts: MovedParts::none(),
            earlier_parts: MovedParts::none(),
            drops: BTreeMap::new(),
            unboxed: BTreeMap::new(),
        }
    }

    /// Whether a variable of an earlier cell is declared as `mut`. Refilling its parts takes `mut`.
    pub fn is_mut(&self, variable: &Variable) -> bool {
        variable.is_mut || self.earlier_parts.is_of(&variable.name)
    }

    /// Returns the statements that anchor variables before the statement that begins at `start`.
    pub fn anchors_at(&self, start: usize) -> String {
        self.anchors(|_, anchor| !anchor.is_deferred && anchor.range.start == start)
    }

    /// Returns the statements that anchor the variables of a deferred `let`.
    pub fn anchors_of_deferred(&self, deferred: &Deferred) -> String {
        self.anchors(|name, anchor| anchor.is_deferred && deferred.defines(name))
    }

    fn anchors(&self, is_there: impl Fn(&str, &Anchor) -> bool) -> String {
        let mut statements = String::new();
        for (name, anchors) in &self.anchors {
            let there = anchors.iter().filter(|anchor| is_there(name, anchor));
            let there = there.map(|anchor| anchor.statement(name, self.parts.is_of(name)));
            statements.extend(there);
        }
        statements
    }

    /// Returns the statements that drop variables after the statement that ends at `end`.
    pub fn drops_at(&self, end: usize) -> String {
        let there = self.drops.iter().filter(|(_, at)| **at == end);
        there
            .map(|(name, _)| format!("::std::mem::drop({name});\n"))
            .collect()
    }

    /// Returns the statements that take variables out of their boxes before the statement that begins at `start`.
    pub fn unboxings_at(&self, start: usize) -> String {
        let there = self.unboxed.iter().filter(|(_, at)| **at == start);
        there
            .map(|(name, _)| format!("let mut {name} = ::threadbook_cell::unboxed({name});\n"))
            .collect()
    }

    /// Adds `text`, which begins at byte `start` of its origin, with the edits applied.
    pub fn add(
        &self,
        source: &mut Source,
        text: &str,
        origin: Origin,
        start: usize,
        cell: &Cell,
        selection: &Selection,
    ) {
        let deferred = match origin {
            Origin::Deferred(index) => Some(&selection.deferred[index].text),
            _ => None,
        };
        let mut insertions = Insertions::default();
        let bytes = start..start + text.len();
        if origin == Origin::Cell {
            self.leaks.add(&mut insertions, &bytes);
        }
        self.add_dereferences(&mut insertions, text, &origin, start, cell, selection);
        if origin == Origin::Cell || deferred.is_some() {
            self.add_casts(&mut insertions, deferred, &bytes);
        }
        if origin == Origin::Cell && self.is_to_be_mutable(text) {
            insertions.at(LET.len(), "mut ");
        }
        let mut done = 0;
        for (range, inserted) in insertions.in_order() {
            if range.start > done {
                source.add(&text[done..range.start], origin.clone(), start + done);
            }
            source.generate(&inserted);
            done = range.end;
        }
        source.add(&text[done..], origin, start + done);
    }

    fn add_dereferences(
        &self,
        insertions: &mut Insertions,
        text: &str,
        origin: &Origin,
        start: usize,
        cell: &Cell,
        selection: &Selection,
    ) {
        let anchored = references(text, cell.edition).into_iter();
        let anchored: Vec<Reference> = anchored
            .filter(|found| {
                self.is_anchored(
                    &found.name,
                    start + found.range.start,
                    origin,
                    cell,
                    selection,
                )
            })
            .collect();
        if anchored.is_empty() {
            return;
        }
        // What captures by `move` would move the box: it gets the value.
        let moving = moving(text, cell.edition);
        for range in &moving {
            let inside = anchored
                .iter()
                .filter(|found| is_inside(range, &found.range));
            let names: BTreeSet<&String> = inside.map(|found| &found.name).collect();
            if !names.is_empty() {
                let values = names
                    .iter()
                    .map(|name| format!("let mut {name} = (*{name}); "));
                let before = format!("{{ {}", values.collect::<String>());
                insertions.around(range.clone(), before, " }");
            }
        }
        for found in anchored {
            if moving.iter().any(|range| is_inside(range, &found.range)) {
                continue;
            }
            let Reference { name, range, kind } = found;
            match kind {
                Kind::Expression => insertions.around(range, "(*", ")"),
                Kind::Field => insertions.around(range, format!("{name}: (*"), ")"),
                Kind::Captured => {
                    let comma = if text[..range.start].trim_end().ends_with(',') {
                        ""
                    } else {
                        ", "
                    };
                    insertions.at(range.start, format!("{comma}{name} = (*{name})"));
                }
            }
        }
    }

    /// Adds the casts in these bytes of a deferred `let` or else of the cell.
    fn add_casts(
        &self,
        insertions: &mut Insertions,
        deferred: Option<&String>,
        bytes: &Range<usize>,
    ) {
        let casts = self.casts.iter();
        let is_here =
            |place: &Place| place.deferred.as_ref() == deferred && is_inside(bytes, &place.range);
        for (place, cast) in casts.filter(|(place, _)| is_here(place)) {
            let (before, after) = cast.around();
            insertions.around(
                place.range.start - bytes.start..place.range.end - bytes.start,
                before,
                after,
            );
        }
    }

    /// Whether `text` is the `let` of a variable without `mut` whose parts are refilled.
    fn is_to_be_mutable(&self, text: &str) -> bool {
        let mut names = self.parts.variables();
        names.any(|name| is_plain_let(text, name))
    }

    fn is_anchored(
        &self,
        name: &str,
        at: usize,
        origin: &Origin,
        cell: &Cell,
        selection: &Selection,
    ) -> bool {
        let mut anchors = self.anchors.get(name).into_iter().flatten();
        if let Origin::Deferred(index) = origin
            && anchors.clone().any(|anchor| anchor.is_deferred)
        {
            let mut before = selection.deferred[..*index].iter();
            return before.any(|deferred| deferred.defines(name));
        }
        let is_here = *origin == Origin::Cell;
        let earlier = selection
            .variables
            .iter()
            .any(|variable| variable.name == name && variable.is_anchored);
        let is_unboxed = is_here && self.unboxed.get(name).is_some_and(|from| at >= *from);
        earlier && !is_unboxed && !(is_here && is_hidden(name, at, cell))
            || is_here && anchors.any(|anchor| anchor.range.contains(&at))
    }
}

const LET: &str = "let ";

/// Whether a statement is a `let` of this variable alone, without `mut`.
pub fn is_plain_let(statement: &str, name: &str) -> bool {
    let after = statement
        .strip_prefix(LET)
        .and_then(|rest| rest.strip_prefix(name));
    after.is_some_and(|after| after.trim_start().starts_with(['=', ':', ';']))
}

/// Whether the name at byte `at` means a variable that the cell itself defines.
fn is_hidden(name: &str, at: usize, cell: &Cell) -> bool {
    let defines = |statement: &&Statement| {
        statement
            .binding
            .as_ref()
            .is_some_and(|binding| binding.defines(name))
    };
    cell.statements
        .iter()
        .find(defines)
        .is_some_and(|statement| {
            // On the right-hand side, the variable does not exist yet.
            let value = cell.code[statement.range.clone()]
                .find('=')
                .map_or(statement.range.end, |equals| statement.range.start + equals);
            at >= statement.range.end || (statement.range.start..value).contains(&at)
        })
}
