//! `threadbook fetch`: builds ahead what notebooks ask for, so that they need no network and do not wait for it.

use crate::cell::commands::{dep_lines, helper_path};
use crate::crates::{Dependency, NotebookCrates};
use crate::notebook::Document;
use crate::prebuilt::{Cache, Helper, Toolchain};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Builds the crates of a notebook in the order in which its cells ask for them, as its kernel will; what it has then, as
/// `name version`. `show` gets lines of progress.
///
/// # Errors
/// When a line cannot be read, or a crate cannot be built.
pub fn fetch(
    path: &Path,
    notebook: &Document,
    cache: &Cache,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<Vec<String>> {
    let mut crates = NotebookCrates::default();
    let mut helper: Option<Helper> = None;
    for cell in asked(path, notebook)? {
        if let Some(source) = cell.helper {
            let found = Helper::get(&source, cache, toolchain, show)?;
            found.finish_network(toolchain, show)?;
            crates.share_with(&found, cache, toolchain, show)?;
            helper = Some(found);
        }
        crates.load(cell.crates, helper.as_ref(), cache, toolchain, show)?;
    }
    let library = crates.library();
    Ok(library
        .map(|library| library.crates().to_vec())
        .unwrap_or_default())
}

/// The crates that a notebook asks for and that are not built yet, by name. What cannot be read is none: the kernel says why.
pub fn missing(
    path: &Path,
    notebook: &Document,
    cache: &Cache,
    toolchain: &Toolchain,
) -> Vec<String> {
    let mut crates = NotebookCrates::default();
    let mut helper: Option<Helper> = None;
    let mut missing = Vec::new();
    for cell in asked(path, notebook).unwrap_or_default() {
        let names: Vec<String> = cell
            .crates
            .iter()
            .map(|dependency| dependency.name.clone())
            .collect();
        if let Some(source) = cell.helper {
            helper = Helper::find(&source, cache, toolchain).ok().flatten();
        }
        let is_there = missing.is_empty()
            && crates
                .find(cell.crates, helper.as_ref(), cache, toolchain)
                .unwrap_or_default();
        if !is_there {
            missing.extend(names);
        }
    }
    missing
}

/// Whether a notebook asks for other crates than the helper.
pub fn asks_for_crates(notebook: &Document) -> bool {
    let asks = |code: String| {
        let lines = dep_lines(&code).into_iter();
        lines
            .map(|range| &code[range])
            .any(|line| helper_path(line).is_none())
    };
    notebook.code().any(asks)
}

/// What a cell asks for.
struct Requirements {
    /// The source of the helper crate.
    helper: Option<PathBuf>,
    crates: Vec<Dependency>,
}

/// What the cells of the notebook at `path` ask for, one after the other; those that ask for nothing are left out.
fn asked(path: &Path, notebook: &Document) -> Result<Vec<Requirements>> {
    let path = std::path::absolute(path)?;
    let folder = path.parent().context("a notebook without a folder")?;
    let mut all = Vec::new();
    for code in notebook.code() {
        let mut asked = Requirements {
            helper: None,
            crates: Vec::new(),
        };
        for range in dep_lines(&code) {
            let line = code[range].trim();
            match helper_path(line) {
                Some(source) => asked.helper = Some(folder.join(source)),
                None => {
                    let argument = line.strip_prefix(":dep").unwrap_or(line);
                    asked.crates.push(Dependency::read(argument, folder)?);
                }
            }
        }
        if asked.helper.is_some() || !asked.crates.is_empty() {
            all.push(asked);
        }
    }
    Ok(all)
}
