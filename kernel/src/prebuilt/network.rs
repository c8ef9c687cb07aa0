//! The network library, built in the background after the helper crate.
//!
//! The helper loads it when a cell first uses the network (`src/network/library/file.rs` there). It takes longer to
//! build than the helper, so nothing waits for it before a cell uses it. During the build, cargo holds a lock on
//! `network.lock` next to the library; if the build fails, `network.log` says why.

use super::build::Build;
use super::toolchain::{Toolchain, dylib_name};
use anyhow::{Context, Result};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Stdio};

/// Not optimised, which halves the build time: the library mostly waits, and its ciphers are in assembly.
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

/// The nice value of the build, so that cells run first.
const NICENESS: libc::c_int = 5;

/// Starts to build the library into `target` unless it is in the directory `release`; returns cargo's process. The
/// helper is already built.
///
/// Several kernels may do so at once: cargo lets one build, and the others then find the library finished.
pub fn begin(
    source: &Path,
    target: &Path,
    release: &Path,
    toolchain: &Toolchain,
) -> Result<Option<Child>> {
    if is_there(release) {
        return Ok(None);
    }
    // The lock is cargo's stdin, which it does not read, so it is released when cargo ends, for whatever reason.
    let lock = File::create(release.join("network.lock"))?;
    lock.lock_shared()?;
    let log = File::create(release.join("network.log"))?;
    let mut cargo = BUILD.command(source, target, toolchain)?;
    cargo.stdin(lock).stdout(Stdio::null()).stderr(log);
    let cargo = cargo.spawn().context("cannot start cargo")?;
    // SAFETY: setpriority(2) has no memory effects, and a child that has not been waited for keeps its id. If it fails,
    // the build runs at normal priority.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, cargo.id(), NICENESS) };
    Ok(Some(cargo))
}

/// Returns when the library is in the directory `release` of `target`. If another process builds it, cargo waits for
/// that.
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

/// Returns whether the library is in the directory `release`.
pub fn is_there(release: &Path) -> bool {
    release.join(dylib_name("threadbook_network")).exists()
}
