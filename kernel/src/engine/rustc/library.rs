//! Builds the library that all cells link with (`std_bridge/cell.rs`), once per compiler.

use super::invocation::Settings;
use crate::prebuilt::{Key, Store, Toolchain, compile_once, dylib_name};
use anyhow::Result;
use std::process::Command;

/// rustc's flags, beside those for the kind of library.
const FLAGS: [&str; 2] = ["-Cdebug-assertions=on", "-Coverflow-checks=on"];

const NAME: &str = "threadbook_cell";
/// The crate's root and its modules.
const SOURCES: [(&str, &str); 8] = [
    ("lib.rs", include_str!("../../../std_bridge/cell.rs")),
    (
        "comparison.rs",
        include_str!("../../../std_bridge/comparison.rs"),
    ),
    (
        "conversions.rs",
        include_str!("../../../std_bridge/conversions.rs"),
    ),
    ("error.rs", include_str!("../../../std_bridge/error.rs")),
    (
        "incomplete.rs",
        include_str!("../../../std_bridge/incomplete.rs"),
    ),
    (
        "instances.rs",
        include_str!("../../../std_bridge/instances.rs"),
    ),
    ("rests.rs", include_str!("../../../std_bridge/rests.rs")),
    ("tasks.rs", include_str!("../../../std_bridge/tasks.rs")),
];

/// Returns rustc's flags that link a cell with the library. Builds the library first if it is not in the store.
///
/// An optimised library is linked statically into each cell, since optimised code does not share generic functions.
///
/// # Errors
/// When it cannot be built.
pub fn cell_library(
    toolchain: &Toolchain,
    store: &Store,
    settings: &Settings,
) -> Result<Vec<String>> {
    let is_optimised = settings.opt_level != "0";
    let identity = toolchain.identity();
    let sources = SOURCES.map(|(_, text)| text);
    let parts = [&*identity].into_iter().chain(sources).chain(FLAGS);
    let key = Key::from_iter(parts).end();
    let file = if is_optimised {
        format!("lib{NAME}.rlib")
    } else {
        // The loader distinguishes libraries by this name alone.
        dylib_name(&format!("{NAME}-{}", &key[..16]))
    };
    let folder = store.find("cell-library", &key, |folder| folder.join(&file).exists());
    let library = folder.join(file);
    let kind = if is_optimised {
        ["--crate-type=rlib", "-Copt-level=2", "--cfg=optimised"]
    } else {
        ["--crate-type=dylib", "-Cprefer-dynamic", "--cfg=instances"]
    };
    let mut compiler = Command::new(toolchain.rustc());
    compiler
        .args(["--edition=2024", "--crate-name", NAME, "--cap-lints=allow"])
        .args(FLAGS)
        .args(kind)
        // For the features that the source enables.
        .env("RUSTC_BOOTSTRAP", "1");
    compile_once(&library, &SOURCES, compiler)?;
    let mut flags = vec![format!("--extern={NAME}={}", library.display())];
    if !is_optimised {
        flags.push(format!("-Clink-arg=-Wl,-rpath,{}", folder.display()));
    }
    Ok(flags)
}
