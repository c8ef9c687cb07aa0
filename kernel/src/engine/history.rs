//! The cells that have run, and what their libraries were compiled from: code that panics may be of any of them.

use super::compile::Ready;
use super::report::line_of;
use super::source::{Origin, Source};
use crate::ipc::{Place, Position};
use std::collections::HashMap;
use std::path::PathBuf;

#[derive(Default)]
pub struct History {
    /// The texts of cells, by their numbers.
    codes: HashMap<u32, String>,
    libraries: HashMap<PathBuf, Compiled>,
    /// The number of the cell executed last.
    last: u32,
}

/// What a library was compiled from.
struct Compiled {
    source: Source,
    cell: u32,
    /// The cells of the items of earlier cells in the source, as far as they stand there as they are.
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

    /// The line of a cell that a line of a library's source came from.
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
