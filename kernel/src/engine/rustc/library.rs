//! Builds the library that all cells link with (`std_bridge/cell.rs`), once per compiler.

use super::invocation::{Rustc, Settings};
use crate::prebuilt::{Key, Lock, dylib_name};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// rustc's flags, beside those for the kind of library. The stack of a thread that waits is walked by its frame pointers.
const FLAGS: [&str; 3] = [
    "-Cdebug-assertions=on",
    "-Coverflow-checks=on",
    "-Cforce-frame-pointers=yes",
];

const NAME: &str = "threadbook_cell";
const SOURCE: &str = include_str!("../../../std_bridge/cell.rs");
/// Its modules.
const MODULES: [(&str, &str); 2] = [
    (
        "instances.rs",
        include_str!("../../../std_bridge/instances.rs"),
    ),
    ("tasks.rs", include_str!("../../../std_bridge/tasks.rs")),
];

/// Returns rustc's flags that link a cell with the library. Builds the library first if it is not in the store.
///
/// An optimised library is linked statically into each cell, since optimised code does not share generic functions.
///
/// # Errors
/// When it cannot be built.
pub fn cell_library(rustc: &Rustc, settings: &Settings) -> Result<Vec<String>> {
    let is_optimised = settings.opt_level != "0";
    let identity = rustc.toolchain().identity();
    let modules = MODULES.map(|(_, text)| text);
    let parts = [&identity, SOURCE].into_iter().chain(modules).chain(FLAGS);
    let key = Key::from_iter(parts).end();
    let file = if is_optimised {
        format!("lib{NAME}.rlib")
    } else {
        // The loader distinguishes libraries by this name alone.
        dylib_name(&format!("{NAME}-{}", &key[..16]))
    };
    let folder = rustc.store().entry("cell-library", &key);
    let library = folder.join(file);
    if !library.exists() {
        let _lock = Lock::take(&folder, || ())?;
        if !library.exists() {
            build(rustc, &folder, &library, is_optimised)?;
        }
    }
    let mut flags = vec![format!("--extern={NAME}={}", library.display())];
    if !is_optimised {
        flags.push(format!("-Clink-arg=-Wl,-rpath,{}", folder.display()));
    }
    Ok(flags)
}

fn build(rustc: &Rustc, folder: &Path, library: &Path, is_optimised: bool) -> Result<()> {
    let building = tempfile::tempdir_in(folder)?;
    let source = building.path().join("lib.rs");
    std::fs::write(&source, SOURCE)?;
    for (name, text) in MODULES {
        std::fs::write(building.path().join(name), text)?;
    }
    // rustc writes the file name into the library, and the linker copies it into each library that links with it.
    let built = building
        .path()
        .join(library.file_name().unwrap_or_default());
    let kind = if is_optimised {
        ["--crate-type=rlib", "-Copt-level=2", "--cfg=optimised"]
    } else {
        ["--crate-type=dylib", "-Cprefer-dynamic", "--cfg=instances"]
    };
    let output = Command::new(rustc.toolchain().rustc())
        .args(["--edition=2024", "--crate-name", NAME, "--cap-lints=allow"])
        .args(FLAGS)
        .args(kind)
        .arg("-o")
        .args([&built, &source])
        // For the features that the source enables.
        .env("RUSTC_BOOTSTRAP", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()?;
    if !output.status.success() {
        bail!(
            "cannot build {NAME}:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    std::fs::rename(built, library)?;
    Ok(())
}
