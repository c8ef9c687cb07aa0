//! Compiles a library whose source this program contains, once.

use super::cache::Lock;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Compiles `sources`, files with their content of which the first is the crate's root, into `library` unless it exists. `rustc` has all
/// arguments but the files. Other processes that want the same library wait.
///
/// # Errors
/// When a file cannot be written, or rustc fails; the error quotes its messages.
pub fn compile_once(library: &Path, sources: &[(&str, &str)], mut rustc: Command) -> Result<()> {
    if library.exists() {
        return Ok(());
    }
    let folder = library.parent().context("the path has no directory")?;
    let name = library.file_name().unwrap_or_default();
    let _lock = Lock::take(folder, || ())?;
    if library.exists() {
        return Ok(());
    }
    let building = tempfile::tempdir_in(folder)?;
    for (file, text) in sources {
        let path = building.path().join(file);
        fs::create_dir_all(path.parent().unwrap_or(building.path()))?;
        fs::write(path, text)?;
    }
    // rustc writes the file name into the library, and the linker copies it into each library that links with it.
    let built = building.path().join(name);
    let root = sources.first().map_or("lib.rs", |(file, _)| file);
    let output = rustc
        .arg("-o")
        .args([&built, &building.path().join(root)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()?;
    if !output.status.success() {
        bail!(
            "cannot build {}:\n{}",
            name.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    fs::rename(built, library)?;
    Ok(())
}
