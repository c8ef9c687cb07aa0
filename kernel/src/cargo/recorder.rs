//! Learns from cargo how rustc is called: cargo calls this program as its wrapper around rustc.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};

use super::input::Input;
use super::recipe::Recipe;
use super::tally::{Tally, Work};
use super::{FAILED, code_of};
use crate::prebuilt::Store;

/// The file that the recipe is written to.
const FILE_VAR: &str = "THREADBOOK_RECIPE";

/// The name that evcxr gives to every cell's crate.
const CRATE: &str = "ctx";

/// Lets cargo compile, and keeps how it did that.
///
/// # Errors
/// When cargo cannot be started.
pub fn cook(mut cargo: Command, input: &Input, store: &Store) -> Result<u8> {
    let begin = Instant::now();
    let note = tempfile::NamedTempFile::new_in(input.folder.path())?;
    let status = cargo
        .env("RUSTC_WRAPPER", std::env::current_exe()?)
        .env(FILE_VAR, note.path())
        .stdin(Stdio::null())
        .status()
        .context("cannot start cargo")?;
    Tally::of(input.folder.path()).add(&Work {
        seconds: begin.elapsed().as_secs_f64(),
        link: None,
        from_store: false,
    });
    // After an error it is not known whether all other crates are there.
    if status.success()
        && let Some(recipe) = read(&std::fs::read(note.path())?, input)
    {
        recipe.keep(input, store)?;
    }
    Ok(code_of(status))
}

fn read(note: &[u8], input: &Input) -> Option<Recipe> {
    let recipe: Recipe = serde_json::from_slice(note).ok()?;
    Some(Recipe {
        arguments: recipe
            .arguments
            .iter()
            .map(|text| input.folder.abstracted(text))
            .collect(),
        environment: recipe
            .environment
            .into_iter()
            .map(|(name, value)| (name, input.folder.abstracted(&value)))
            .collect(),
    })
}

/// Whether this process was started by cargo around rustc.
pub fn is_wanted() -> bool {
    std::env::var_os(FILE_VAR).is_some()
}

/// Notes the call, and becomes rustc.
pub fn run() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(rustc) = arguments.next() else {
        eprintln!("error: cargo names no rustc");
        return ExitCode::from(FAILED);
    };
    let arguments: Vec<OsString> = arguments.collect();
    let file = std::env::var_os(FILE_VAR);
    if let (Some(recipe), Some(file)) = (noted(&arguments), file) {
        // Without it, cargo is asked again at the next cell.
        let _ = std::fs::write(file, recipe);
    }
    let error = Command::new(&rustc)
        .args(&arguments)
        .env_remove(FILE_VAR)
        .exec();
    eprintln!("error: cannot start {}: {error}", rustc.display());
    ExitCode::from(FAILED)
}

/// The call as JSON, if it compiles a cell.
fn noted(arguments: &[OsString]) -> Option<Vec<u8>> {
    let arguments: Option<Vec<String>> = arguments
        .iter()
        .map(|argument| argument.to_str().map(str::to_owned))
        .collect();
    let arguments = arguments?;
    let is_cell = arguments
        .windows(2)
        .any(|pair| pair == ["--crate-name", CRATE]);
    // The Cargo Book, "Environment variables Cargo sets for crates"; the rest, such as the job server, is of that moment.
    let set_by_cargo = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_"]
            .iter()
            .any(|begin| name.starts_with(begin))
            || [
                "CARGO",
                "CARGO_CRATE_NAME",
                "CARGO_PRIMARY_PACKAGE",
                "LD_LIBRARY_PATH",
            ]
            .contains(&name)
    };
    let environment = std::env::vars()
        .filter(|(name, _)| set_by_cargo(name))
        .collect();
    let recipe = Recipe {
        arguments,
        environment,
    };
    is_cell.then(|| serde_json::to_vec(&recipe).ok()).flatten()
}
