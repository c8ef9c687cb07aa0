//! Builds the std bridge, once per compiler.

use super::cache::{Cache, Lock};
use super::toolchain::{Toolchain, dylib_name};
use anyhow::{Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const SOURCE: &str = include_str!("../../std_bridge/lib.rs");

/// Returns the path of the library; builds it first if necessary.
pub fn std_bridge(cache: &Cache, toolchain: &Toolchain) -> Result<PathBuf> {
    let folder = cache.entry("std_bridge", &[&toolchain.identity(), SOURCE]);
    let library = folder.join(dylib_name("threadbook_std_bridge"));
    if library.exists() {
        return Ok(library);
    }
    let _lock = Lock::take(&folder, || ())?;
    if !library.exists() {
        let source = folder.join("lib.rs");
        fs::write(&source, SOURCE)?;
        let building = tempfile::tempdir_in(&folder)?;
        let built = building.path().join("std_bridge");
        let output = Command::new(toolchain.rustc())
            .args([
                "--edition=2024",
                "--crate-type=cdylib",
                "--crate-name=threadbook_std_bridge",
            ])
            .args(["-Cprefer-dynamic", "-Copt-level=2"])
            // The stack of a thread that waits is walked by its frame pointers.
            .arg("-Cforce-frame-pointers=yes")
            .arg(format!(
                "-Clink-arg=-Wl,-rpath,{}",
                toolchain.library_dir()?.display()
            ))
            .arg("-o")
            .arg(&built)
            .arg(&source)
            .output()?;
        if !output.status.success() {
            bail!(
                "cannot build the std bridge:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        fs::rename(&built, &library)?;
    }
    Ok(library)
}
