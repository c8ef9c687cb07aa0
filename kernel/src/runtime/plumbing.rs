//! The runtime's descriptors and its place among processes.

use super::letters;
use super::memory::Watch;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub struct Plumbing {
    /// evcxr's instructions.
    pub commands: File,
    /// What evcxr reads.
    pub replies: File,
    /// Rich output from the cells' processes.
    pub letters: OwnedFd,
    pub memory: Watch,
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
    RUNTIME.store(std::process::id(), SeqCst);
    outlive_interrupts()?;
    die_with_parent()
}

/// The process that a SIGINT does not end.
static RUNTIME: AtomicU32 = AtomicU32::new(0);

/// Whether the main thread of that process is inside of a cell.
static IN_CELL: AtomicBool = AtomicBool::new(false);

/// Calls `cell`; a SIGINT in the meantime stops it for good.
pub fn in_cell<R>(cell: impl FnOnce() -> R) -> R {
    IN_CELL.store(true, SeqCst);
    let result = cell();
    IN_CELL.store(false, SeqCst);
    result
}

/// Lets this process outlive SIGINT, with which an interrupt begins: the programs that a cell has
/// started may clean up, while the cell itself stands still until all are killed. A cell may put a
/// handler of its own in place. Processes that it forks end by the signal as usual.
fn outlive_interrupts() -> Result<()> {
    // SAFETY: the handler below is async-signal-safe, and the structure is filled before use.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_interrupt as extern "C" fn(libc::c_int) as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        if libc::sigaction(libc::SIGINT, &action, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error()).context("sigaction");
        }
    }
    Ok(())
}

extern "C" fn on_interrupt(signal: libc::c_int) {
    // SAFETY: getpid(2), gettid(2), tgkill(2), signal(2), raise(3) and pause(2) are
    // async-signal-safe (signal-safety(7)).
    unsafe {
        let process = libc::getpid();
        if process as u32 != RUNTIME.load(SeqCst) {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        } else if libc::gettid() != process {
            // Cells run on the main thread.
            libc::syscall(libc::SYS_tgkill, process, process, signal);
        } else {
            while IN_CELL.load(SeqCst) {
                libc::pause();
            }
        }
    }
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

/// Moves evcxr's pipes off descriptors 0 and 1, where /dev/null takes their place until the first
/// cell begins.
pub fn lay() -> Result<Plumbing> {
    let plumbing = Plumbing {
        commands: File::from(duplicate(0)?),
        replies: File::from(duplicate(1)?),
        letters: letters::open()?,
        memory: Watch::new()?,
    };
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    put(&nothing, 0)?;
    put(&nothing, 1)?;
    // For as long as the process lives.
    std::mem::forget([
        Private::keep(&plumbing.commands),
        Private::keep(&plumbing.replies),
        Private::keep(&plumbing.letters),
    ]);
    // SAFETY: the handler only reads atomics and calls close(2), which is async-signal-safe, as
    // is demanded of a child of a process with threads.
    let failed = unsafe { libc::pthread_atfork(None, None, Some(close_private)) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed)).context("pthread_atfork");
    }
    Ok(plumbing)
}

/// Opens /dev/null on those of the descriptors 0 to 2 that a cell has closed: a new pipe would get
/// their numbers.
pub fn mend() -> Result<()> {
    for fd in 0..3 {
        // SAFETY: `fcntl` with these arguments has no memory effects.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            // The lowest number that is free is this one.
            let nothing = File::options().read(true).write(true).open("/dev/null")?;
            std::mem::forget(nothing);
        }
    }
    Ok(())
}

/// A record that this process shares with all that it forks, at first all zero bytes.
///
/// `T` must be made of atomics alone, for which zeroed bytes are a value.
pub fn share<T: Sync>() -> Result<&'static T> {
    // SAFETY: an anonymous mapping touches no memory of ours; it is aligned to a page, large
    // enough, zeroed, which is a value of `T`, and never unmapped.
    unsafe {
        let page = libc::mmap(
            std::ptr::null_mut(),
            size_of::<T>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error()).context("mmap");
        }
        Ok(&*page.cast::<T>())
    }
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
static PRIVATE: [AtomicI32; 1024] = [const { AtomicI32::new(-1) }; 1024];

/// Set while the runtime forks a copy of itself, which needs them all.
static SPARED: AtomicBool = AtomicBool::new(false);

/// Keeps a descriptor from all processes that cells fork, until dropped.
pub struct Private(Option<usize>);

impl Private {
    pub fn keep(file: &impl AsRawFd) -> Private {
        let fd = file.as_raw_fd();
        let place = PRIVATE
            .iter()
            .position(|place| place.compare_exchange(-1, fd, SeqCst, SeqCst).is_ok());
        // Without a place a child merely keeps a copy.
        Private(place)
    }

    /// Closes all private descriptors but these, in a copy of the process that does not have the
    /// threads that own them.
    pub fn close_others(kept: &[RawFd]) {
        for place in &PRIVATE {
            let fd = place.load(SeqCst);
            if fd >= 0 && !kept.contains(&fd) {
                place.store(-1, SeqCst);
                // SAFETY: the owner is on the stack of a thread that this process does not have.
                unsafe { libc::close(fd) };
            }
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            PRIVATE[place].store(-1, SeqCst);
        }
    }
}

/// Held while the runtime copies itself, and while a private descriptor is closed. No other lock is taken by who holds it,
/// but those of the handlers of pthread_atfork(3), which take this one never.
static COPY: Mutex<()> = Mutex::new(());

/// Keeps the runtime from copying itself.
pub fn no_copy() -> MutexGuard<'static, ()> {
    COPY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `fork` so that the child keeps the private descriptors.
pub fn sparing_private_files(fork: impl FnOnce() -> libc::pid_t) -> libc::pid_t {
    // The child has it too, and lets go of it here as the parent does.
    let _copy = no_copy();
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
