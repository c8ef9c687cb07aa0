//! The runtime's descriptors and its place among processes.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{self, PipeReader};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;

pub struct Plumbing {
    /// evcxr's instructions.
    pub commands: File,
    /// What evcxr reads.
    pub replies: File,
    /// What the cells write to fd 1 and fd 2.
    pub stdout: PipeReader,
    pub stderr: PipeReader,
}

/// Makes this process the leader of a process group, so that an interrupt reaches the cell and
/// all processes that it started, and lets it die with the engine.
pub fn lead_a_group_that_dies_with_the_engine() -> Result<()> {
    // SAFETY: plain system calls without pointers.
    unsafe {
        if libc::setpgid(0, 0) != 0 {
            return Err(io::Error::last_os_error()).context("setpgid");
        }
    }
    die_with_parent()
}

#[cfg(target_os = "linux")]
fn die_with_parent() -> Result<()> {
    // SAFETY: plain system calls without pointers. The signal is tied to the engine's thread
    // that started us, its main thread, which lives as long as the engine (prctl(2)).
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
            return Err(io::Error::last_os_error()).context("prctl");
        }
        // The engine may have died before the call above.
        if libc::getppid() == 1 {
            bail!("the engine has ended");
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() -> Result<()> {
    // The end of evcxr's instructions ends the loop.
    Ok(())
}

/// Moves evcxr's pipes off descriptors 0 and 1, puts /dev/null and two new pipes on 0, 1 and 2.
pub fn lay() -> Result<Plumbing> {
    let commands = File::from(duplicate(0)?);
    let replies = File::from(duplicate(1)?);
    put(&File::open("/dev/null")?, 0)?;
    let stdout = pipe_onto(1)?;
    let stderr = pipe_onto(2)?;
    Ok(Plumbing {
        commands,
        replies,
        stdout,
        stderr,
    })
}

fn pipe_onto(fd: RawFd) -> io::Result<PipeReader> {
    let (reader, writer) = io::pipe()?;
    put(&writer, fd)?;
    // A writer that stays open: a cell that closes its stream must not look like the end of it.
    std::mem::forget(writer);
    Ok(reader)
}

fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: `fcntl` with these arguments has no memory effects; the new descriptor is ours.
    unsafe {
        let new = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3);
        if new < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(new))
    }
}

fn put(source: &impl AsRawFd, target: RawFd) -> io::Result<()> {
    // SAFETY: descriptors 0, 1 and 2 are owned by nobody in this process.
    if unsafe { libc::dup2(source.as_raw_fd(), target) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Descriptors that a forked child must not hold.
static PRIVATE: OnceLock<Vec<RawFd>> = OnceLock::new();

/// Closes the given descriptors in every process that a cell forks.
///
/// evcxr waits for the end of its pipes after a crash, and the kernel for the end of its socket:
/// a child that held a copy would keep both waiting.
pub fn keep_from_children(files: &[&dyn AsRawFd], kernel: &UnixStream) -> Result<()> {
    let private = files
        .iter()
        .map(|file| file.as_raw_fd())
        .chain([kernel.as_raw_fd()])
        .collect();
    if PRIVATE.set(private).is_err() {
        bail!("the runtime was started twice");
    }
    // SAFETY: the handler only reads an initialised static and calls close(2), which is
    // async-signal-safe, as is demanded of a child of a process with threads.
    let failed = unsafe { libc::pthread_atfork(None, None, Some(close_private)) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed)).context("pthread_atfork");
    }
    Ok(())
}

extern "C" fn close_private() {
    for &fd in PRIVATE.get().into_iter().flatten() {
        // SAFETY: the child has copies of its own, and nothing in it uses these.
        unsafe { libc::close(fd) };
    }
}
