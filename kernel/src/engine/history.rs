//! The cells that have run and the sources of their libraries: a panic may come from any of them.

use super::compile::Ready;
use super::report::line_of;
use super::source::{Origin, Source};
use crate::ipc::{Place, Position};
use std::collections::HashMap;
use std::path::PathBuf;

#[derive(Default)]
pub struct History {
    /// The text of each cell, by its number.
    codes: HashMap<u32, String>,
    libraries: HashMap<PathBuf, Compiled>,
    /// The number of the cell executed last.
    last: u32,
}

/// The source of a library.
struct Compiled {
    source: Source,
    cell: u32,
    /// The cell of each selected item; `None` if the source does not hold the item verbatim.
    items: Vec<Option<u32>>,
}

impl History {
    /// Adds a cell that is about to run.
    pub fn add(&mut self, number: u32, code: &str, ready: &Ready) {
        self.codes.insert(number, code.to_owned());
        self.last = number;
        let Some(library) = &ready.library else {
            return;
        };
        let items = ready.selection.items.iter();
        let compiled = Compiled {
            source: ready.source.clone(),
            cell: number,
            items: items
                .map(|item| item.is_verbatim.then_some(item.cell))
                .collect(),
        };
        self.libraries.insert(library.clone(), compiled);
    }

    /// Returns the line of a cell from which a line of a library's source came.
    pub fn place(&self, position: &Position) -> Option<Place> {
        let compiled = self.libraries.get(&position.library)?;
        let (origin, offset) = compiled.source.origin_of_line(position.line as usize)?;
        let cell = match origin {
            Origin::Cell => compiled.cell,
            Origin::Item(index) => (*compiled.items.get(*index)?)?,
            _ => return None,
        };
        let code = self.codes.get(&cell)?;
        let line = line_of(code, offset);
        Some(Place {
            cell: (cell != self.last).then_some(cell),
            text: code.lines().nth(line - 1)?.to_owned(),
            line: u32::try_from(line).ok()?,
        })
    }
}
