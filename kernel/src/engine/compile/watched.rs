//! Compiles a watched cell once more, against a `std` whose locks, channels and atomics record what happens to them.

use super::Ready;
use crate::engine::rustc::{Diagnostic, Rustc, Settings, watched_std};
use std::path::PathBuf;

/// Every path that begins with `std` leads to this crate then. The last line, so that the others keep their numbers.
const LAST_LINE: &str = "extern crate threadbook_std as std;\n";

/// Part of the path to everything that is recorded.
const RECORDED: &str = "sync";

/// Makes `ready` a cell that records, and returns the flags with which it was compiled.
///
/// # Errors
/// Why it cannot be watched so: its threads and their waits are recorded nevertheless.
pub fn watch(
    rustc: &mut Rustc,
    settings: &Settings,
    crates: &[String],
    ready: &mut Ready,
) -> Result<Vec<String>, String> {
    let names_recorded = ready.source.text().contains(RECORDED);
    if ready.library.is_none() || !names_recorded {
        return Ok(crates.to_vec());
    }
    let mut source = ready.source.clone();
    source.generate(LAST_LINE);
    let mut flags = crates.to_vec();
    flags.push(
        watched_std(rustc.toolchain(), rustc.store())
            .map_err(|error| first_line(&format!("{error:#}")))?,
    );
    let compiled = rustc.compile(source.text(), settings, &flags);
    let compiled = compiled.map_err(|error| first_line(&format!("{error:#}")))?;
    let library: PathBuf = compiled.library.ok_or_else(|| {
        let errors = Diagnostic::errors(&compiled.messages);
        errors
            .first()
            .map_or_else(String::new, |error| first_line(&error.message))
    })?;
    ready.library = Some(library);
    ready.source = source;
    Ok(flags)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
