//! The network library, built in the background beside the helper crate.
//!
//! The helper loads it when a cell first uses the network (`src/network/library/file.rs` there).
//! It takes longer to build than the helper, so no one waits for it before a cell speaks of it. As
//! long as it is being built, a lock is held on a file beside it; if it is not there afterwards, a
//! log says why.

use super::build::Build;
use super::toolchain::{Toolchain, dylib_name};
use anyhow::{Context, Result};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Stdio};

/// Not optimised, which takes half as long to build: it mostly waits, and ciphers are in assembly.
const BUILD: Build = Build {
    what: "the network library",
    package: "threadbook-network",
    command: &[
        "rustc",
        "--release",
        "--config=profile.release.opt-level=0",
        "--lib",
        "--crate-type=cdylib",
    ],
    features: &[],
};

/// How much the build gives way to the cells.
const NICENESS: libc::c_int = 5;

/// Starts to build the library into `target` unless it is in its folder `release`; the process that does. The helper is built already.
///
/// Several kernels may do so at once: cargo lets one build, and the others find it done.
pub fn begin(
    source: &Path,
    target: &Path,
    release: &Path,
    toolchain: &Toolchain,
) -> Result<Option<Child>> {
    if is_there(release) {
        return Ok(None);
    }
    // Cargo has the lock as its standard input, which it does not read, so it is released when
    // cargo ends, however it does.
    let lock = File::create(release.join("network.lock"))?;
    lock.lock_shared()?;
    let log = File::create(release.join("network.log"))?;
    let mut cargo = BUILD.command(source, target, toolchain)?;
    cargo.stdin(lock).stdout(Stdio::null()).stderr(log);
    let cargo = cargo.spawn().context("cannot start cargo")?;
    // SAFETY: setpriority(2) has no memory effects, and a child that has not been waited for keeps
    // its id. If it fails, the build gives way to no one.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, cargo.id(), NICENESS) };
    Ok(Some(cargo))
}

/// Returns when the library is in the folder `release` of `target`. If somebody builds it, cargo waits for that.
pub fn finish(
    source: &Path,
    target: &Path,
    release: &Path,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<()> {
    if is_there(release) {
        return Ok(());
    }
    BUILD.run(source, target, toolchain, show)
}

fn is_there(release: &Path) -> bool {
    release.join(dylib_name("threadbook_network")).exists()
}
