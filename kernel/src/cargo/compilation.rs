//! One call of rustc, or none if what it would make is there.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;

use super::input::Input;
use super::kept::Kept;
use super::recipe::Recipe;
use super::request::Request;
use super::runtime_module;
use super::rustc;
use super::source::{FILE, Source};
use super::tally::{Tally, Work};
use crate::prebuilt::Store;

/// Where evcxr looks for the path of the library.
const LIBRARY_VAR: &str = "EVCXR_EXECUTION_SO_PATH";

/// Above so many bytes rustc keeps for the next cell what it found out of this one's functions. Below, keeping takes longer than
/// finding out again.
const LARGE: usize = 48 << 10;

/// Compiles by the recipe. The code is rustc's.
///
/// # Errors
/// When rustc cannot be started, or a file cannot be written.
pub fn run(recipe: &Recipe, input: &Input, store: &Store) -> Result<u8> {
    let begin = Instant::now();
    let source = Source::read(input.folder.path())?;
    let module = runtime_module::flags(&source, recipe, input, store);
    let has_module = !module.is_empty();
    let call = Call::new(recipe, input, &source, module);
    std::fs::create_dir_all(&call.out_dir)?;
    let kept = Kept::open(&call, input, &source, store);
    let (told, from_store) = match kept.take()? {
        Some((told, compiled)) => {
            // Panics name the lines of the source that was compiled.
            compiled.write(input.folder.path(), has_module)?;
            (told, true)
        }
        None => {
            let folder = source.write(input.folder.path(), has_module)?;
            (rustc::call(&call, input, &folder)?, false)
        }
    };
    eprint!("{}", told.stderr);
    if told.code == 0
        && input.request == Request::Build
        && let Some(path) = std::env::var_os(LIBRARY_VAR)
    {
        std::fs::write(path, call.library().as_os_str().as_encoded_bytes())?;
    }
    if !from_store {
        // A full disk costs the next time, not this one.
        let _ = kept.put(&told);
    }
    Tally::of(input.folder.path()).add(&Work {
        seconds: begin.elapsed().as_secs_f64(),
        link: told.link,
        from_store,
    });
    Ok(told.code)
}

/// rustc's arguments for this cell.
pub struct Call {
    /// As they are given to rustc.
    pub arguments: Vec<String>,
    /// As they are in all folders.
    pub abstracted: Vec<String>,
    pub environment: Vec<(String, String)>,
    out_dir: PathBuf,
}

impl Call {
    fn new(recipe: &Recipe, input: &Input, source: &Source, module: Vec<String>) -> Call {
        let mut abstracted = tuned(recipe, source.text().len() > LARGE);
        abstracted.extend(module);
        let concrete = |text: &String| input.folder.made_concrete(text);
        let arguments: Vec<_> = abstracted.iter().map(concrete).collect();
        let named = arguments.windows(2).find(|pair| pair[0] == "--out-dir");
        Call {
            out_dir: named.map_or_else(
                || input.folder.path().to_owned(),
                |pair| PathBuf::from(&pair[1]),
            ),
            environment: recipe
                .environment
                .iter()
                .map(|(name, value)| (name.clone(), concrete(value)))
                .collect(),
            arguments,
            abstracted,
        }
    }

    /// What is made.
    pub fn library(&self) -> PathBuf {
        self.out_dir.join(crate::prebuilt::dylib_name("ctx"))
    }

    /// Whether the cell depends on no file but its source, and on no variable of the environment: then it would be the same
    /// again. rustc tells that in cargo's form (The rustc book, `--emit=dep-info`).
    pub fn read_nothing_else(&self) -> bool {
        let told = std::fs::read_to_string(self.out_dir.join("ctx.d")).unwrap_or_default();
        let reads = told.lines().filter_map(|line| line.strip_suffix(':'));
        let files: Vec<_> = reads.filter(|file| !file.starts_with('#')).collect();
        files == [FILE] && !told.contains("# env-dep:")
    }
}

/// The arguments, but for those that pay only for large crates.
fn tuned(recipe: &Recipe, is_large: bool) -> Vec<String> {
    let mut tuned = Vec::new();
    let mut rest = recipe.arguments.iter().peekable();
    let is_optimised = recipe.is_optimised();
    while let Some(argument) = rest.next() {
        let value = rest.peek().map_or("", |value| value.as_str());
        let is_left_out = argument == "-C"
            && (value.starts_with("incremental=") && !is_large
                || value.starts_with("codegen-units=") && !is_optimised);
        if is_left_out {
            rest.next();
        } else {
            tuned.push(argument.clone());
        }
    }
    if !is_optimised && !is_large {
        // Threads cost more than they bring where little code is made.
        tuned.push("-Ccodegen-units=1".to_owned());
    }
    tuned
}
