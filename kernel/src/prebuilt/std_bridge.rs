//! Builds the std bridge, once per compiler.

use super::cache::Cache;
use super::compile_once::compile_once;
use super::toolchain::{Toolchain, dylib_name};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

const SOURCE: &str = include_str!("../../std_bridge/lib.rs");

/// rustc's flags.
const FLAGS: [&str; 5] = [
    "--edition=2024",
    "--crate-type=cdylib",
    "--crate-name=threadbook_std_bridge",
    "-Cprefer-dynamic",
    "-Copt-level=2",
];

/// Returns the path of the library; builds it first if necessary.
pub fn std_bridge(cache: &Cache, toolchain: &Toolchain) -> Result<PathBuf> {
    let identity = toolchain.identity();
    let parts = [&[&*identity, SOURCE][..], &FLAGS].concat();
    let name = dylib_name("threadbook_std_bridge");
    let folder = cache.find("std_bridge", &parts, |folder| folder.join(&name).exists());
    let library = folder.join(&name);
    let mut rustc = Command::new(toolchain.rustc());
    rustc.args(FLAGS).arg(format!(
        "-Clink-arg=-Wl,-rpath,{}",
        toolchain.library_dir()?.display()
    ));
    compile_once(&library, &[("lib.rs", SOURCE)], rustc)?;
    Ok(library)
}
