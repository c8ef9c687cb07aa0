//! Compiles a cell against another `std`: one whose locks, channels and atomics record what happens to them, or one that lets the runtime
//! decide which thread goes on.

use super::Built;
use crate::engine::rustc::{Diagnostic, EXPLORED, Rustc, Settings, StdLibrary, WATCHED};
use crate::engine::source::Source;
use anyhow::Result;

/// Every path that begins with `std` leads to this crate then. The last line, so that the others keep their numbers.
const LAST_LINE: &str = "extern crate threadbook_std as std;\n";

/// Likewise, with its macros that print.
const LAST_LINE_WITH_MACROS: &str =
    "#[macro_use(eprint, eprintln, print, println)]\nextern crate threadbook_std as std;\n";

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
pub fn watch(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    source: &Source,
) -> Result<Result<Built, String>> {
    build(rustc, settings, crates, source, &WATCHED, LAST_LINE)
}

/// Compiles a cell whose threads the runtime runs in any order. Otherwise returns why that cannot be done, in one line.
///
/// # Errors
/// When rustc cannot be run, or has been interrupted.
pub fn explore(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    source: &Source,
) -> Result<Result<Built, String>> {
    build(
        rustc,
        settings,
        crates,
        source,
        &EXPLORED,
        LAST_LINE_WITH_MACROS,
    )
}

fn build(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    source: &Source,
    std: &StdLibrary,
    last_line: &str,
) -> Result<Result<Built, String>> {
    let flag = match std.flag(rustc.toolchain(), rustc.store()) {
        Ok(flag) => flag,
        Err(error) => return Ok(Err(first_line(&format!("{error:#}")))),
    };
    let mut source = source.clone();
    source.generate(last_line);
    let mut crates = crates.to_vec();
    crates.push(flag);
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
