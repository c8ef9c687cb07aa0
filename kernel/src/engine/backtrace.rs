//! Traces a thread's stack back to lines of cells.
//!
//! Cells are compiled without line numbers, which would take a quarter of rustc's time. When they are asked for, the cell's source
//! is compiled once more, with line numbers. That gives the same functions, though perhaps in another order.

use super::functions::Functions;
use super::guards;
use super::history::History;
use super::receivers::receiver_at;
use super::rustc::Rustc;
use crate::ipc::{CodePlace, Frame, Place, Site, Trace};
use addr2line::{Loader, gimli};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The symbols and lines of libraries.
pub struct Backtraces<'a> {
    rustc: &'a Rustc,
    history: &'a History,
    /// By library; `None` for one that cannot be read.
    libraries: HashMap<PathBuf, Option<Library>>,
}

/// A library whose calls can be looked up.
struct Library {
    loader: Loader,
    /// For a cell: where its functions are, and where they are in the library with line numbers, which is the loader's.
    functions: Option<(Functions, Functions)>,
}

impl<'a> Backtraces<'a> {
    pub fn new(rustc: &'a Rustc, history: &'a History) -> Backtraces<'a> {
        Backtraces {
            rustc,
            history,
            libraries: HashMap::new(),
        }
    }

    pub fn trace(&mut self, site: &Site) -> Trace {
        match site {
            Site::Stack(frames) => self.trace_stack(frames),
            Site::Code(place) => self.trace_code(place),
        }
    }

    fn trace_code(&self, place: &CodePlace) -> Trace {
        let Some((place, offset)) = self.history.point(place) else {
            return Trace::default();
        };
        let code = self.history.code(place.cell);
        Trace {
            receiver: code.and_then(|code| receiver_at(code, offset)),
            places: vec![place],
            ..Trace::default()
        }
    }

    fn trace_stack(&mut self, stack: &[Frame]) -> Trace {
        let mut trace = Trace::default();
        // Further out are the frames of the thread that has forked the process, which holds its locks itself.
        let mut is_of_parent = false;
        for frame in stack {
            for (function, place) in self.calls(frame) {
                is_of_parent |= function.as_deref().is_some_and(begins_process);
                match place.and_then(|place| self.history.call(&place)) {
                    Some((place, offset)) => {
                        if !is_of_parent {
                            let mut held = self.held(&place, offset);
                            held.retain(|place| !trace.held.contains(place));
                            trace.held.append(&mut held);
                        }
                        trace.places.push(place);
                    }
                    None if trace.places.is_empty() => trace.functions.extend(function),
                    None => {}
                }
            }
        }
        tracing::debug!(?trace);
        trace
    }

    /// Returns the calls at an address, the innermost first: more than one where functions are inlined.
    fn calls(&mut self, frame: &Frame) -> Vec<(Option<String>, Option<CodePlace>)> {
        let library = self.history.known(&frame.library);
        let path = library.unwrap_or(&frame.library).to_owned();
        let Some(library) = self.library(&path) else {
            return Vec::new();
        };
        let loader = &library.loader;
        let Some(address) = library.address(frame.address) else {
            return Vec::new();
        };
        let mut calls = Vec::new();
        let mut frames = loader.find_frames(address).ok();
        while let Some(Ok(Some(call))) = frames.as_mut().map(|frames| frames.next()) {
            let function = call.function.as_ref();
            let name = function.and_then(|name| Some(name.demangle().ok()?.into_owned()));
            let in_source = call.location.filter(|location| {
                let file = location.file.unwrap_or_default();
                file.ends_with(Rustc::SOURCE_FILE)
            });
            let place = in_source.and_then(|location| {
                Some(CodePlace {
                    library: path.clone(),
                    line: location.line?,
                    column: location.column.unwrap_or_default(),
                })
            });
            calls.push((name, place));
        }
        // Line numbers come with names without paths. The last function is the one that the others are inlined into.
        let symbol = loader.find_symbol(address);
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

    fn library(&mut self, path: &Path) -> Option<&Library> {
        if !self.libraries.contains_key(path) {
            let library = match self.with_lines(path) {
                Some(with_lines) => Library::with_lines(path, &with_lines),
                None => Library::open(path),
            };
            self.libraries.insert(path.to_owned(), library);
        }
        self.libraries.get(path)?.as_ref()
    }

    /// Compiles a cell's library with line numbers.
    fn with_lines(&self, library: &Path) -> Option<PathBuf> {
        let (source, flags) = self.history.source(library)?;
        let compiled = self
            .rustc
            .compile_with_lines(source.text(), &flags.settings, &flags.crates);
        compiled
            .inspect_err(|error| {
                tracing::warn!("no line numbers for {}: {error:#}", library.display());
            })
            .ok()
    }

    /// Returns the lines of the cell where the code that goes on at `place`, byte `offset` of its cell, has taken a lock that it may still
    /// hold.
    fn held(&self, place: &Place, offset: usize) -> Vec<Place> {
        let Some(code) = self.history.code(place.cell) else {
            return Vec::new();
        };
        let lines = guards::held_at(code, offset);
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

/// Whether a function is the one in which the helper crate's processes begin (`src/process/child_main.rs`).
fn begins_process(function: &str) -> bool {
    // A hash may follow the crate or the whole name (rustc, "Symbol Mangling").
    function.starts_with("threadbook") && function.contains("::process::child_main::run")
}

impl Library {
    fn open(path: &Path) -> Option<Library> {
        Some(Library {
            loader: Loader::new(path).ok()?,
            functions: None,
        })
    }

    fn with_lines(path: &Path, with_lines: &Path) -> Option<Library> {
        let functions = (Functions::read(path)?, Functions::read(with_lines)?);
        Some(Library {
            loader: Loader::new(with_lines).ok()?,
            functions: Some(functions),
        })
    }

    /// Returns the loader's address for an address in the library; `None` if it has no such function.
    fn address(&self, address: u64) -> Option<u64> {
        match &self.functions {
            None => Some(address),
            Some((own, with_lines)) => own.translate(address, with_lines),
        }
    }
}
