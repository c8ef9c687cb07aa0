//! The module that evcxr writes into every cell that has variables, compiled once instead.
//!
//! The library holds more: copies of generic functions that many cells use. rustc would make them in each cell, which takes up
//! to a third of its time.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use super::input::Input;
use super::recipe::Recipe;
use super::source::{RUNTIME_MODULE as NAME, Source};
use crate::prebuilt::{Key, Lock, Store};

/// Uses generic functions with the types that cells use them with.
const INSTANCES: &str = include_str!("../../companion/instances.rs");

/// Hands a library with the content of the source's module to rustc; builds it first if it is not in the store. Empty if the
/// source has no such module, or it cannot be built: then it stays where it is.
pub fn flags(source: &Source, recipe: &Recipe, input: &Input, store: &Store) -> Vec<String> {
    let Some(module) = source.runtime_module() else {
        return Vec::new();
    };
    let library = Library::of(module, recipe, input, store);
    if !library.path.exists() {
        if library.build(input).is_err() {
            return Vec::new();
        }
        // Without the note, the next engine looks once more.
        let _ = store.put(NOTE, &note(&input.compiler), b"");
    }
    library.flags()
}

/// Whether it has been built for this compiler.
pub fn is_known(store: &Store, compiler: &str) -> bool {
    store.get(NOTE, &note(compiler)).is_some()
}

/// The kind of the notes in the store that say so.
const NOTE: &str = "module";

fn note(compiler: &str) -> String {
    Key::from_iter([compiler, INSTANCES]).end()
}

struct Library {
    source: String,
    path: PathBuf,
    /// Optimised code shares no instances.
    is_optimised: bool,
    /// What else must be as in the cells: an instance checks what the library's settings say.
    settings: Vec<String>,
}

/// The beginnings of these settings.
const SETTINGS: [&str; 3] = ["debug-assertions=", "overflow-checks=", "panic="];

impl Library {
    fn of(module: &str, recipe: &Recipe, input: &Input, store: &Store) -> Library {
        let is_optimised = recipe.is_optimised();
        let source = if is_optimised {
            module.to_owned()
        } else {
            format!("{module}\n{INSTANCES}")
        };
        let settings: Vec<String> = recipe
            .arguments
            .iter()
            .filter(|argument| SETTINGS.iter().any(|begin| argument.starts_with(begin)))
            .map(|setting| format!("-C{setting}"))
            .collect();
        let parts = [&input.compiler, &source].into_iter().chain(&settings);
        let key = Key::from_iter(parts).end();
        // A process may load libraries for several settings, and the loader tells them apart by this name alone.
        let file = if is_optimised {
            format!("lib{NAME}.rlib")
        } else {
            crate::prebuilt::dylib_name(&format!("{NAME}-{}", &key[..16]))
        };
        Library {
            source,
            path: store.entry("runtime", &key).join(file),
            is_optimised,
            settings,
        }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn flags(&self) -> Vec<String> {
        let mut flags = vec![format!("--extern={NAME}={}", self.path.display())];
        if !self.is_optimised {
            flags.push(format!("-Clink-arg=-Wl,-rpath,{}", self.folder().display()));
        }
        flags
    }

    fn build(&self, input: &Input) -> Result<()> {
        let _lock = Lock::take(self.folder(), || ())?;
        if self.path.exists() {
            return Ok(());
        }
        let source = self.folder().join("lib.rs");
        std::fs::write(&source, &self.source)?;
        let building = tempfile::tempdir_in(self.folder())?;
        // rustc writes the name into the library, and from there it gets into what is linked with it.
        let built = building
            .path()
            .join(self.path.file_name().unwrap_or_default());
        let kind = if self.is_optimised {
            ["--crate-type=rlib", "-Copt-level=2"]
        } else {
            ["--crate-type=dylib", "-Cprefer-dynamic"]
        };
        let status = Command::new(&input.rustc)
            .args(["--edition=2024", "--crate-name", NAME])
            .args(kind)
            .args(&self.settings)
            .args(["--cap-lints=allow", "-o"])
            .args([&built, &source])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            bail!("cannot build {NAME}");
        }
        std::fs::rename(built, &self.path)?;
        Ok(())
    }
}
