//! Traces a thread's stack back to lines of cells.
//!
//! Cells are compiled without line numbers, which would take a quarter of rustc's time. When they are asked for, the cell's source
//! is compiled once more, with line numbers; the code must be the same then, byte for byte.

use super::guards;
use super::history::History;
use super::rustc::Rustc;
use crate::ipc::{Frame, Place, Position, Trace};
use addr2line::{Loader, gimli};
use object::{Object, ObjectSection};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The symbols and lines of libraries.
pub struct Backtraces<'a> {
    rustc: &'a Rustc,
    history: &'a History,
    /// By library; `None` for one that cannot be read.
    loaders: HashMap<PathBuf, Option<Loader>>,
}

impl<'a> Backtraces<'a> {
    pub fn new(rustc: &'a Rustc, history: &'a History) -> Backtraces<'a> {
        Backtraces {
            rustc,
            history,
            loaders: HashMap::new(),
        }
    }

    pub fn trace(&mut self, stack: &[Frame]) -> Trace {
        let mut trace = Trace::default();
        for frame in stack {
            for (function, position) in self.calls(frame) {
                match position.and_then(|position| self.history.place(&position)) {
                    Some(place) => trace.places.push(place),
                    None if trace.places.is_empty() => trace.functions.extend(function),
                    None => {}
                }
            }
        }
        let held = trace.places.iter().flat_map(|place| self.held(place));
        trace.held = held.collect();
        tracing::debug!(?trace);
        trace
    }

    /// Returns the calls at an address, the innermost first: more than one where functions are inlined.
    fn calls(&mut self, frame: &Frame) -> Vec<(Option<String>, Option<Position>)> {
        let library = self.history.known(&frame.library);
        let path = library.unwrap_or(&frame.library).to_owned();
        let loader = self.loader(&path);
        let Some(loader) = loader else {
            return Vec::new();
        };
        let mut calls = Vec::new();
        let mut frames = loader.find_frames(frame.address).ok();
        while let Some(Ok(Some(call))) = frames.as_mut().map(|frames| frames.next()) {
            let function = call.function.as_ref();
            let name = function.and_then(|name| Some(name.demangle().ok()?.into_owned()));
            let in_source = call.location.filter(|location| {
                let file = location.file.unwrap_or_default();
                file.ends_with(Rustc::SOURCE_FILE)
            });
            let line = in_source.and_then(|location| location.line);
            let position = line.map(|line| Position {
                line,
                library: path.clone(),
            });
            calls.push((name, position));
        }
        // Line numbers come with names without paths. The last function is the one that the others are inlined into.
        let symbol = loader.find_symbol(frame.address);
        let symbol = symbol.map(|name| {
            let demangled = addr2line::demangle(name, gimli::DW_LANG_Rust);
            demangled.unwrap_or_else(|| name.to_owned())
        });
        match calls.last_mut() {
            Some((name, _)) => *name = symbol.or(name.take()),
            None => calls.push((symbol, None)),
        }
        calls
    }

    fn loader(&mut self, library: &Path) -> Option<&Loader> {
        if !self.loaders.contains_key(library) {
            let with_lines = self.with_lines(library);
            let loader = Loader::new(with_lines.as_deref().unwrap_or(library)).ok();
            self.loaders.insert(library.to_owned(), loader);
        }
        self.loaders.get(library)?.as_ref()
    }

    /// Compiles a cell's library with line numbers.
    fn with_lines(&self, library: &Path) -> Option<PathBuf> {
        let (source, flags) = self.history.source(library)?;
        let compiled = self
            .rustc
            .compile_with_lines(source.text(), &flags.settings, &flags.crates);
        match compiled {
            Ok(with_lines) if have_same_code(library, &with_lines) => Some(with_lines),
            Ok(_) => {
                tracing::warn!(
                    "{} cannot be compiled the same way again",
                    library.display()
                );
                None
            }
            Err(error) => {
                tracing::warn!("no line numbers for {}: {error:#}", library.display());
                None
            }
        }
    }

    /// Returns the lines of the cell where the code that goes on at `place` has taken a lock that it may still hold.
    fn held(&self, place: &Place) -> Vec<Place> {
        let Some(code) = self.history.code(place.cell) else {
            return Vec::new();
        };
        let lines = guards::held_at(code, place.line as usize);
        lines
            .into_iter()
            .filter_map(|line| {
                Some(Place {
                    cell: place.cell,
                    line: u32::try_from(line).ok()?,
                    text: code.lines().nth(line - 1)?.to_owned(),
                })
            })
            .collect()
    }
}

/// Whether two libraries have the same code at the same address.
fn have_same_code(one: &Path, other: &Path) -> bool {
    let code = |path: &Path| {
        let bytes = std::fs::read(path).ok()?;
        let file = object::File::parse(&*bytes).ok()?;
        let text = file.section_by_name(".text")?;
        Some((text.address(), text.data().ok()?.to_vec()))
    };
    code(one).is_some_and(|one| code(other) == Some(one))
}
