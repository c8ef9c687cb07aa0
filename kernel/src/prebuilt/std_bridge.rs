//! Builds the std bridge, once per compiler.

use super::cache::Cache;
use super::compile_once::compile_once;
use super::toolchain::{Toolchain, dylib_name};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// The crate's root and its module.
const SOURCES: [(&str, &str); 2] = [
    ("lib.rs", include_str!("../../std_bridge/lib.rs")),
    (
        "allocator.rs",
        include_str!("../../std_bridge/allocator.rs"),
    ),
];

/// rustc's flags.
const FLAGS: [&str; 5] = [
    "--edition=2024",
    // Unlike a `cdylib`, it exports the functions that allocate.
    "--crate-type=dylib",
    "--crate-name=threadbook_std_bridge",
    "-Cprefer-dynamic",
    "-Copt-level=2",
];

/// Returns the path of the library; builds it first if necessary.
pub fn std_bridge(cache: &Cache, toolchain: &Toolchain) -> Result<PathBuf> {
    let identity = toolchain.identity();
    let sources = SOURCES.map(|(_, text)| text);
    let parts = [&[&*identity][..], &sources, &FLAGS].concat();
    let name = dylib_name("threadbook_std_bridge");
    let folder = cache.find("std_bridge", &parts, |folder| folder.join(&name).exists());
    let library = folder.join(&name);
    let mut rustc = Command::new(toolchain.rustc());
    rustc.args(FLAGS).arg(format!(
        "-Clink-arg=-Wl,-rpath,{}",
        toolchain.library_dir()?.display()
    ));
    compile_once(&library, &SOURCES, rustc)?;
    Ok(library)
}
