//! The runtime's descriptors and its place among processes.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{self, PipeReader};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32};

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
/// all processes that it started, and lets it die with its parent: the engine, or the kernel when
/// it has taken the place of a runtime that ended.
pub fn lead_a_group_that_dies_with_its_parent() -> Result<()> {
    // SAFETY: plain system calls without pointers. A cell that crashes leaves no core file.
    unsafe {
        if libc::setpgid(0, 0) != 0 {
            return Err(io::Error::last_os_error()).context("setpgid");
        }
        let none = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        libc::setrlimit(libc::RLIMIT_CORE, &none);
    }
    die_with_parent()
}

#[cfg(target_os = "linux")]
fn die_with_parent() -> Result<()> {
    // SAFETY: plain system calls without pointers. The signal is tied to the parent's thread
    // that started us, its main thread, which lives as long as the process (prctl(2)).
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
            return Err(io::Error::last_os_error()).context("prctl");
        }
        // The parent may have died before the call above.
        if libc::getppid() == 1 {
            bail!("the kernel has ended");
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
    let plumbing = Plumbing {
        commands: File::from(duplicate(0)?),
        replies: File::from(duplicate(1)?),
        stdout: pipe_onto(1)?,
        stderr: pipe_onto(2)?,
    };
    put(&File::open("/dev/null")?, 0)?;
    // For as long as the process lives.
    let Plumbing {
        commands,
        replies,
        stdout,
        stderr,
    } = &plumbing;
    std::mem::forget([Private::keep(commands), Private::keep(replies)]);
    std::mem::forget([Private::keep(stdout), Private::keep(stderr)]);
    // SAFETY: the handler only reads atomics and calls close(2), which is async-signal-safe, as
    // is demanded of a child of a process with threads.
    let failed = unsafe { libc::pthread_atfork(None, None, Some(close_private)) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed)).context("pthread_atfork");
    }
    Ok(plumbing)
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

/// Descriptors that the processes of a cell must not hold; -1 where there is none.
///
/// evcxr waits for the end of its pipes after a crash, and the kernel for the end of its socket:
/// a child that held a copy would keep both waiting.
static PRIVATE: [AtomicI32; 16] = [const { AtomicI32::new(-1) }; 16];

/// Set while the runtime forks a copy of itself, which needs them all.
static SPARED: AtomicBool = AtomicBool::new(false);

/// Keeps a descriptor from all processes that cells fork, until dropped.
pub struct Private(usize);

impl Private {
    pub fn keep(file: &impl AsRawFd) -> Private {
        let fd = file.as_raw_fd();
        let place = PRIVATE
            .iter()
            .position(|place| place.compare_exchange(-1, fd, SeqCst, SeqCst).is_ok());
        Private(place.expect("the runtime has fewer descriptors than places"))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        PRIVATE[self.0].store(-1, SeqCst);
    }
}

/// Calls `fork` so that the child keeps the private descriptors.
pub fn sparing_private_files(fork: impl FnOnce() -> libc::pid_t) -> libc::pid_t {
    SPARED.store(true, SeqCst);
    let child = fork();
    SPARED.store(false, SeqCst);
    child
}

extern "C" fn close_private() {
    if SPARED.load(SeqCst) {
        return;
    }
    for place in &PRIVATE {
        let fd = place.load(SeqCst);
        if fd >= 0 {
            // SAFETY: the child has copies of its own, and nothing in it uses these.
            unsafe { libc::close(fd) };
        }
    }
}
