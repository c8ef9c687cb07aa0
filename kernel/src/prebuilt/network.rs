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
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

const BUILD: Build = Build {
    what: "the network library",
    package: "threadbook-network",
    command: &["rustc", "--release", "--lib", "--crate-type", "cdylib"],
    features: &[],
};

/// How much the build gives way to the cells.
const NICENESS: libc::c_int = 10;

/// Starts to build the library into `target` unless it is there. The helper is built already.
///
/// Several kernels may do so at once: cargo lets one build, and the others find it done.
pub fn begin(source: &Path, target: &Path, toolchain: &Toolchain) -> Result<()> {
    if is_there(target) {
        return Ok(());
    }
    let release = target.join("release");
    // Cargo has the lock as its standard input, which it does not read, so it is released when
    // cargo ends, however it does.
    let lock = File::create(release.join("network.lock"))?;
    lock.lock_shared()?;
    let log = File::create(release.join("network.log"))?;
    let mut cargo = BUILD.command(source, target, toolchain);
    cargo.stdin(lock).stdout(Stdio::null()).stderr(log);
    start_apart(&mut cargo).context("cannot start cargo")
}

/// Returns when the library is in `target`. If somebody builds it, cargo waits for that.
pub fn finish(
    source: &Path,
    target: &Path,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<()> {
    if is_there(target) {
        return Ok(());
    }
    BUILD.run(source, target, toolchain, show)
}

fn is_there(target: &Path) -> bool {
    target
        .join("release")
        .join(dylib_name("threadbook_network"))
        .exists()
}

/// Starts a program as a child of the kernel, not of this process, whose descendants are ended by an interrupt.
fn start_apart(command: &mut Command) -> Result<()> {
    // SAFETY: `leave_parent` makes nothing but system calls, as is demanded of a child of a process with threads.
    unsafe { command.pre_exec(leave_parent) };
    // This is the child in between, which has ended.
    command.spawn()?.wait()?;
    Ok(())
}

/// Leaves the caller in a child of its child, which has been adopted: by the kernel, or by the system's first process.
fn leave_parent() -> io::Result<()> {
    // SAFETY: system calls without pointers, all of them async-signal-safe but fork(2), which glibc lets a
    // child of a process with threads call.
    unsafe {
        let between = libc::getpid();
        match libc::fork() {
            -1 => return Err(io::Error::last_os_error()),
            0 => {}
            _ => libc::_exit(0),
        }
        while libc::getppid() == between {
            libc::sched_yield();
        }
        libc::nice(NICENESS);
    }
    die_with_parent()
}

#[cfg(target_os = "linux")]
fn die_with_parent() -> io::Result<()> {
    // SAFETY: a system call without pointers. The kernel that has adopted this process does so on its main thread.
    match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() -> io::Result<()> {
    Ok(())
}
