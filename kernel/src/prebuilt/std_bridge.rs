//! Builds the std bridge, once per compiler.

use super::cache::Cache;
use super::compile_once::compile_once;
use super::toolchain::{Toolchain, dylib_name};
use crate::runtime::STD_MAIN_LIBRARY;
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

/// The crate with the `main` of the cells' `std`.
const MAIN: [(&str, &str); 1] = [("main.rs", include_str!("../../std_bridge/main.rs"))];

/// rustc's flags for it.
const MAIN_FLAGS: [&str; 5] = [
    "--edition=2024",
    "--crate-type=bin",
    "--crate-name=threadbook_main",
    "-Cprefer-dynamic",
    "-Clink-arg=-shared",
];

/// Returns the path of the library; builds it first if necessary, and the one with `main` next to it.
pub fn std_bridge(cache: &Cache, toolchain: &Toolchain) -> Result<PathBuf> {
    let identity = toolchain.identity();
    let sources = SOURCES.map(|(_, text)| text);
    let main = MAIN.map(|(_, text)| text);
    let parts = [&[&*identity][..], &sources, &FLAGS, &main, &MAIN_FLAGS].concat();
    let name = dylib_name("threadbook_std_bridge");
    let folder = cache.find("std_bridge", &parts, |folder| {
        folder.join(&name).exists() && folder.join(STD_MAIN_LIBRARY).exists()
    });
    let library = folder.join(&name);
    let rustc = |flags: &[&str]| -> Result<Command> {
        let mut rustc = Command::new(toolchain.rustc());
        rustc.args(flags).arg(format!(
            "-Clink-arg=-Wl,-rpath,{}",
            toolchain.library_dir()?.display()
        ));
        Ok(rustc)
    };
    compile_once(&folder.join(STD_MAIN_LIBRARY), &MAIN, rustc(&MAIN_FLAGS)?)?;
    compile_once(&library, &SOURCES, rustc(&FLAGS)?)?;
    Ok(library)
}
