//! Compiles a cell once more, against another `std`: one whose locks, channels and atomics record what happens to them, or one that lets the
//! runtime decide which thread goes on.

use super::Ready;
use crate::engine::rustc::{Diagnostic, EXPLORED, Rustc, Settings, StdLibrary, WATCHED};
use crate::engine::source::Source;
use std::path::PathBuf;

/// Every path that begins with `std` leads to this crate then. The last line, so that the others keep their numbers.
const LAST_LINE: &str = "extern crate threadbook_std as std;\n";

/// Likewise, with its macros that print.
const LAST_LINE_WITH_MACROS: &str =
    "#[macro_use(eprint, eprintln, print, println)]\nextern crate threadbook_std as std;\n";

/// Part of the path to everything that is recorded.
const RECORDED: &str = "sync";

/// A cell, compiled against another `std`.
pub struct Compiled {
    pub library: PathBuf,
    pub source: Source,
    /// The flags with which it was compiled.
    pub flags: Vec<String>,
}

/// Compiles `ready` as a cell that records; `None` if it has nothing to record.
///
/// # Errors
/// Why it cannot be watched so: its threads and their waits are recorded nevertheless.
pub fn watch(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    ready: &Ready,
) -> Result<Option<Compiled>, String> {
    let names_recorded = ready.source.text().contains(RECORDED);
    if ready.library.is_none() || !names_recorded {
        return Ok(None);
    }
    compile(rustc, settings, crates, ready, &WATCHED, LAST_LINE).map(Some)
}

/// Compiles `ready` as a cell whose threads the runtime runs in any order.
///
/// # Errors
/// Why that cannot be done.
pub fn explore(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    ready: &Ready,
) -> Result<Compiled, String> {
    compile(
        rustc,
        settings,
        crates,
        ready,
        &EXPLORED,
        LAST_LINE_WITH_MACROS,
    )
}

fn compile(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    ready: &Ready,
    std: &StdLibrary,
    last_line: &str,
) -> Result<Compiled, String> {
    let failed = |error: anyhow::Error| first_line(&format!("{error:#}"));
    let mut source = ready.source.clone();
    source.generate(last_line);
    let mut flags = crates.to_vec();
    flags.push(std.flag(rustc.toolchain(), rustc.store()).map_err(failed)?);
    let compiled = rustc.compile(source.text(), settings, &flags);
    let compiled = compiled.map_err(failed)?;
    let library = compiled.library.ok_or_else(|| {
        let errors = Diagnostic::errors(&compiled.messages);
        errors
            .first()
            .map_or_else(String::new, |error| first_line(&error.message))
    })?;
    Ok(Compiled {
        library,
        source,
        flags,
    })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
