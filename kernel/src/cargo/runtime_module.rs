//! The module that evcxr writes into every cell that has variables, compiled once instead.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use super::input::Input;
use super::source::{RUNTIME_MODULE as NAME, Source};
use crate::prebuilt::{Key, Lock, Store};

/// Hands a library with the content of the source's module to rustc; builds it first if it is not in the store. None if the
/// source has no such module, or it cannot be built: then it stays where it is.
pub fn flag(source: &Source, input: &Input, store: &Store) -> Option<String> {
    let module = source.runtime_module()?;
    let key = Key::from_iter([input.key.as_str(), module]);
    let folder = store.entry("runtime", &key.end());
    let library = folder.join(format!("lib{NAME}.rlib"));
    if !library.exists() {
        build(module, &library, input).ok()?;
    }
    Some(format!("--extern={NAME}={}", library.display()))
}

fn build(module: &str, library: &Path, input: &Input) -> Result<()> {
    let folder = library.parent().unwrap_or(library);
    let _lock = Lock::take(folder, || ())?;
    if library.exists() {
        return Ok(());
    }
    let source = folder.join("lib.rs");
    std::fs::write(&source, module)?;
    let building = tempfile::tempdir_in(folder)?;
    let built = building.path().join("library");
    let status = Command::new(&input.rustc)
        .args(["--edition=2024", "--crate-type=rlib", "--crate-name", NAME])
        .args(["-Copt-level=2", "-Cpanic=unwind", "--cap-lints=allow", "-o"])
        .args([&built, &source])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("cannot build {NAME}");
    }
    std::fs::rename(built, library)?;
    Ok(())
}
