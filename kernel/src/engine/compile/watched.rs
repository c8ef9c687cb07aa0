//! Compiles a watched cell against a `std` whose locks, channels and atomics record what happens to them.

use super::Built;
use crate::engine::rustc::{Diagnostic, Rustc, Settings, watched_std};
use crate::engine::source::Source;
use anyhow::Result;

/// Every path that begins with `std` leads to this crate then. The last line, so that the others keep their numbers.
const LAST_LINE: &str = "extern crate threadbook_std as std;\n";

/// Part of the path to everything that is recorded.
const RECORDED: &str = "sync";

/// Whether a cell with this source could record anything.
pub fn names_recorded(source: &Source) -> bool {
    source.text().contains(RECORDED)
}

/// Compiles a cell that records. Otherwise returns why it cannot be watched so, in one line: its threads and their waits are recorded
/// nevertheless.
///
/// # Errors
/// When rustc cannot be run, or has been interrupted.
pub fn build(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    source: &Source,
) -> Result<std::result::Result<Built, String>> {
    let library = match watched_std(rustc.toolchain(), rustc.store()) {
        Ok(library) => library,
        Err(error) => return Ok(Err(first_line(&format!("{error:#}")))),
    };
    let mut source = source.clone();
    source.generate(LAST_LINE);
    let mut crates = crates.to_vec();
    crates.push(library);
    let compiled = rustc.compile(source.text(), settings, &crates)?;
    if compiled.library.is_some() {
        return Ok(Ok(Built {
            library: compiled.library,
            source,
            crates,
        }));
    }
    let errors = Diagnostic::errors(&compiled.messages);
    let first = errors.first();
    Ok(Err(first.map_or_else(String::new, |error| {
        first_line(&error.message)
    })))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
