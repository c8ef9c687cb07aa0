//! The standard library's source with its macros expanded by rustc.

use crate::completion::library::Library;
use crate::prebuilt::Toolchain;
use anyhow::{Context, Result, bail};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The crates that `std` names in its source, of which rustc gets those that the toolchain has.
const PRIVATE_DEPENDENCIES: [&str; 13] = [
    "addr2line",
    "alloc",
    "cfg_if",
    "core",
    "hashbrown",
    "libc",
    "miniz_oxide",
    "object",
    "panic_abort",
    "panic_unwind",
    "rustc_demangle",
    "std_detect",
    "unwind",
];

/// Returns the source of a crate of the standard library in one file, with its macros expanded.
///
/// # Errors
/// When rustc fails, for instance because a new version has other options; the error quotes its messages.
pub fn expand(library: &Library, toolchain: &Toolchain) -> Result<String> {
    let host = toolchain.host()?;
    let architecture = host.split('-').next().unwrap_or(host);
    let mut rustc = Command::new(toolchain.rustc());
    rustc
        .arg(&library.root)
        .args(["--crate-type=lib", "--cap-lints=allow"])
        .arg(format!("--crate-name={}", library.name))
        .arg(format!("--edition={}", library.edition))
        .args([
            "-Zunpretty=expanded",
            "-Zunstable-options",
            "-Zforce-unstable-if-unmarked",
        ])
        .args([
            "--cfg=feature=\"panic-unwind\"",
            "--cfg=backtrace_in_libstd",
        ])
        .env("RUSTC_BOOTSTRAP", "1")
        // The build script of `std` sets it.
        .env("STD_ENV_ARCH", architecture)
        .stdin(Stdio::null());
    if library.name == "std" {
        let installed = names_of_libraries(&toolchain.library_dir()?)?;
        let externs = PRIVATE_DEPENDENCIES
            .iter()
            .filter(|name| installed.contains(**name));
        rustc.args(externs.map(|name| format!("--extern=priv:{name}")));
    }
    let output = rustc.output().context("cannot start rustc")?;
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        bail!(
            "rustc cannot expand the macros of {}:\n{}",
            library.root.display(),
            messages.trim_end()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns the names of the crates that are in a directory as `lib<name>-<hash>.rlib`.
fn names_of_libraries(folder: &Path) -> Result<HashSet<String>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let (name, _) = name
            .strip_prefix("lib")?
            .strip_suffix(".rlib")?
            .rsplit_once('-')?;
        Some(name.to_owned())
    });
    Ok(names.collect())
}
