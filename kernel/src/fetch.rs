//! `threadbook fetch`: builds ahead what notebooks ask for, so that they need no network and do not wait for it.

use crate::cell::commands::{dep_lines, helper_path};
use crate::crates::{Dependency, NotebookCrates};
use crate::notebook::Document;
use crate::prebuilt::{Cache, Helper, Toolchain};
use anyhow::Result;

/// Builds the crates of a notebook in the order in which its cells ask for them, as its kernel will; what it has then, as
/// `name version`. The current folder must be the notebook's. `show` gets lines of progress.
///
/// # Errors
/// When a line cannot be read, or a crate cannot be built.
pub fn fetch(
    notebook: &Document,
    cache: &Cache,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<Vec<String>> {
    let folder = std::env::current_dir()?;
    let mut crates = NotebookCrates::default();
    let mut helper: Option<Helper> = None;
    for code in notebook.code() {
        let mut asked = Vec::new();
        for range in dep_lines(&code) {
            let line = code[range].trim();
            if let Some(path) = helper_path(line) {
                let found = Helper::get(&path, cache, toolchain, show)?;
                found.finish_network(toolchain, show)?;
                crates.share_with(&found, cache, toolchain, show)?;
                helper = Some(found);
            } else {
                let argument = line.strip_prefix(":dep").unwrap_or(line);
                asked.push(Dependency::read(argument, &folder)?);
            }
        }
        if !asked.is_empty() {
            crates.load(asked, helper.as_ref(), cache, toolchain, show)?;
        }
    }
    let library = crates.library();
    Ok(library
        .map(|library| library.crates().to_vec())
        .unwrap_or_default())
}
