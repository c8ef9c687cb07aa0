//! `threadbook fetch`: builds the crates of notebooks ahead of time, so that they start without waiting or a network.

use crate::cell::commands::dep_lines;
use crate::crates::{Dependency, HelperRequest, NotebookCrates};
use crate::notebook::Document;
use crate::prebuilt::{Cache, Helper, Toolchain};
use anyhow::{Context, Result};
use std::path::Path;

/// Builds the crates of a notebook in the order of its cells, as its kernel will, and returns them as `name version`.
/// `show` gets progress lines.
///
/// # Errors
/// When a `:dep` line is invalid or a crate cannot be built.
pub fn fetch(
    path: &Path,
    notebook: &Document,
    cache: &Cache,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<Vec<String>> {
    let mut crates = NotebookCrates::default();
    let mut helper: Option<Helper> = None;
    let path = std::path::absolute(path)?;
    for cell in requirements(&path, notebook)? {
        if let Some(source) = cell.helper {
            let source = source.source(cell.folder, cache)?;
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

/// Returns the names of the crates that a notebook asks for and that are not built yet. Ignores errors, which the
/// kernel reports.
pub fn missing(
    path: &Path,
    notebook: &Document,
    cache: &Cache,
    toolchain: &Toolchain,
) -> Vec<String> {
    let mut crates = NotebookCrates::default();
    let mut helper: Option<Helper> = None;
    let mut missing = Vec::new();
    let Ok(path) = std::path::absolute(path) else {
        return missing;
    };
    for cell in requirements(&path, notebook).unwrap_or_default() {
        let names: Vec<String> = cell
            .crates
            .iter()
            .map(|dependency| dependency.name.clone())
            .collect();
        if let Some(source) = cell.helper {
            let source = source.source(cell.folder, cache).ok();
            let found = source.map(|source| Helper::find(&source, cache, toolchain));
            helper = found.and_then(Result::ok).flatten();
        }
        let is_built = missing.is_empty()
            && crates
                .find(cell.crates, helper.as_ref(), cache, toolchain)
                .unwrap_or_default();
        if !is_built {
            missing.extend(names);
        }
    }
    missing
}

/// Returns whether a notebook asks for crates other than the helper.
pub fn asks_for_crates(notebook: &Document) -> bool {
    let asks = |code: String| {
        let lines = dep_lines(&code).into_iter();
        lines
            .map(|range| &code[range])
            .any(|line| HelperRequest::read(line).is_none())
    };
    notebook.code().any(asks)
}

/// What a cell asks for.
struct Requirements<'a> {
    helper: Option<HelperRequest>,
    crates: Vec<Dependency>,
    /// The notebook's directory.
    folder: &'a Path,
}

/// Returns the requirements of the cells of the notebook at the absolute path `path`, in order, without cells that have none.
fn requirements<'a>(path: &'a Path, notebook: &Document) -> Result<Vec<Requirements<'a>>> {
    let folder = path
        .parent()
        .context("the notebook's path has no directory")?;
    let mut all: Vec<Requirements> = Vec::new();
    for code in notebook.code() {
        let mut crates = Vec::new();
        for range in dep_lines(&code) {
            let line = code[range].trim();
            if HelperRequest::read(line).is_none() {
                let argument = line.strip_prefix(":dep").unwrap_or(line);
                crates.push(Dependency::read(argument, folder)?);
            }
        }
        let helper = HelperRequest::of_cell(&code);
        // A cell that only names the helper uses what an earlier cell has loaded.
        let is_loaded = || all.iter().any(|cell| cell.helper.is_some());
        let helper = helper.filter(|helper| *helper != HelperRequest::default() || !is_loaded());
        if helper.is_some() || !crates.is_empty() {
            all.push(Requirements {
                helper,
                crates,
                folder,
            });
        }
    }
    Ok(all)
}
