//! The cells that have run and the sources of their libraries: a panic may come from any of them.

use super::compile::{Built, Ready};
use super::report::line_of;
use super::rustc::Settings;
use super::source::{Origin, Source};
use crate::ipc::{CodePlace, Lines, Place, Position};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

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
    flags: Flags,
    cell: u32,
    /// The cell of each selected item; `None` if the source does not hold the item verbatim.
    items: Vec<Option<u32>>,
}

/// How a library was compiled.
pub struct Flags {
    pub settings: Settings,
    pub crates: Vec<String>,
}

impl History {
    /// Adds a cell that is about to run, compiled with these settings.
    pub fn add(&mut self, number: u32, code: &str, ready: &Ready, settings: &Settings) {
        self.codes.insert(number, code.to_owned());
        self.last = number;
        self.add_library(number, &ready.built, ready, settings);
    }

    /// Adds a library of a cell, if there is one.
    pub fn add_library(&mut self, number: u32, built: &Built, ready: &Ready, settings: &Settings) {
        let Some(library) = &built.library else {
            return;
        };
        let items = ready.selection.items.iter();
        let compiled = Compiled {
            source: built.source.clone(),
            flags: Flags {
                settings: settings.clone(),
                crates: built.crates.clone(),
            },
            cell: number,
            items: items
                .map(|item| item.is_verbatim.then_some(item.cell))
                .collect(),
        };
        self.libraries.insert(library.to_owned(), compiled);
    }

    /// Returns the path by which a cell's library is known here. The system may have another one, without symbolic links.
    pub fn known(&self, library: &Path) -> Option<&Path> {
        if let Some((known, _)) = self.libraries.get_key_value(library) {
            return Some(known);
        }
        let is_same = |known: &&PathBuf| {
            known.file_name() == library.file_name()
                && known.canonicalize().is_ok_and(|known| known == library)
        };
        self.libraries.keys().find(is_same).map(PathBuf::as_path)
    }

    /// Returns what a cell's library was compiled from, and how.
    pub fn source(&self, library: &Path) -> Option<(&Source, &Flags)> {
        let compiled = self.libraries.get(library)?;
        Some((&compiled.source, &compiled.flags))
    }

    /// Returns the text of a cell, of the one executed last without a number.
    pub fn code(&self, cell: Option<u32>) -> Option<&str> {
        let cell = cell.unwrap_or(self.last);
        self.codes.get(&cell).map(String::as_str)
    }

    /// Returns the texts of all cells, by their numbers.
    pub fn codes(&self) -> &HashMap<u32, String> {
        &self.codes
    }

    /// Returns the line of a cell from which a place in a library's source came, and the byte of the cell.
    pub fn point(&self, place: &CodePlace) -> Option<(Place, usize)> {
        let compiled = self.libraries.get(self.known(&place.library)?)?;
        let (line, column) = (place.line as usize, place.column as usize);
        let offset = compiled.source.offset((line, column))?;
        let segment = compiled.source.segment_at(offset)?;
        let offset = offset - segment.range.start + segment.start;
        Some((self.line(compiled, &segment.origin, offset)?, offset))
    }

    /// Returns the line of a cell from which a call in a library's source came, and the byte of the cell. The column is in bytes, as in line
    /// tables.
    pub fn call(&self, place: &CodePlace) -> Option<(Place, usize)> {
        let compiled = self.libraries.get(&place.library)?;
        let source = &compiled.source;
        let line = place.line as usize;
        let start = source.offset((line, 1))?;
        let offset = start + (place.column as usize).saturating_sub(1);
        let exact = source.segment_at(offset).and_then(|segment| {
            let offset = offset - segment.range.start + segment.start;
            Some((self.line(compiled, &segment.origin, offset)?, offset))
        });
        exact.or_else(|| {
            // Generated code, on a line with some of the cell.
            let (origin, offset) = source.origin_of_line(line)?;
            Some((self.line(compiled, origin, offset)?, offset))
        })
    }

    /// Returns the line of a cell from which a line of a library's source came.
    pub fn place(&self, position: &Position) -> Option<Place> {
        let compiled = self.libraries.get(&position.library)?;
        let (origin, offset) = compiled.source.origin_of_line(position.line as usize)?;
        self.line(compiled, origin, offset)
    }

    /// Returns from which lines of cells the lines of a library's source came.
    pub fn lines(&self, library: &Path) -> Vec<Lines> {
        let mut lines: Vec<Lines> = Vec::new();
        let Some(compiled) = self.libraries.get(library) else {
            return lines;
        };
        for (source, (origin, offset)) in compiled.source.origins_of_lines() {
            let place = compiled.cell_of(origin).and_then(|cell| {
                let line = line_of(self.codes.get(&cell)?, offset);
                Some((u32::try_from(source).ok()?, cell, u32::try_from(line).ok()?))
            });
            let Some((source, cell, line)) = place else {
                continue;
            };
            match lines.last_mut() {
                Some(last)
                    if last.source + last.count == source
                        && (last.cell, last.line + last.count) == (cell, line) =>
                {
                    last.count += 1;
                }
                _ => lines.push(Lines {
                    source,
                    count: 1,
                    cell,
                    line,
                }),
            }
        }
        lines
    }

    /// Returns the line at a byte of an origin.
    fn line(&self, compiled: &Compiled, origin: &Origin, offset: usize) -> Option<Place> {
        let cell = compiled.cell_of(origin)?;
        let code = self.codes.get(&cell)?;
        let line = line_of(code, offset);
        Some(Place {
            cell: (cell != self.last).then_some(cell),
            text: code.lines().nth(line - 1)?.to_owned(),
            line: u32::try_from(line).ok()?,
        })
    }
}

impl Compiled {
    /// Returns the cell whose text an origin is.
    fn cell_of(&self, origin: &Origin) -> Option<u32> {
        match origin {
            Origin::Cell => Some(self.cell),
            Origin::Item(index) => *self.items.get(*index)?,
            _ => None,
        }
    }
}
