//! The runtime's process group: how signals reach it, and when it ends.

use anyhow::{Context, Result, bail};
use std::io;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32};

/// Makes this process the leader of a process group, so that an interrupt reaches the cell and all
/// processes it started. Also ties its life to its parent's: the engine, or the kernel if this
/// process has taken over from a runtime that ended.
pub fn become_leader() -> Result<()> {
    // A cell that crashes leaves no core file.
    // SAFETY: setpgid(2) takes no pointers, setrlimit(2) reads a live structure.
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
    survive_interrupts()?;
    die_with_parent()
}

/// The id of the process that survives SIGINT.
static RUNTIME: AtomicU32 = AtomicU32::new(0);

/// Whether the main thread of that process is running a cell.
static IN_CELL: AtomicBool = AtomicBool::new(false);

/// The copy that would take this process's place; 0 while there is none.
static COPY: AtomicI32 = AtomicI32::new(0);

/// Records the copy that would take this process's place.
pub fn set_copy(process: libc::pid_t) {
    COPY.store(process, SeqCst);
}

/// Returns the process id of the copy that would take this process's place; 0 while there is none.
pub fn copy() -> libc::pid_t {
    COPY.load(SeqCst)
}

/// The thread of this process that relays output: the runtime's own, and no part of a cell.
static RELAY: AtomicI32 = AtomicI32::new(0);

/// Makes the calling thread the one that relays output.
pub fn become_relay() {
    // SAFETY: gettid(2) takes nothing.
    RELAY.store(unsafe { libc::gettid() }, SeqCst);
}

/// Returns the thread that relays output.
pub fn relay() -> libc::pid_t {
    RELAY.load(SeqCst)
}

/// Whether the main thread runs a cell.
pub fn is_in_cell() -> bool {
    IN_CELL.load(SeqCst)
}

/// Calls `cell`. A SIGINT during the call stops it for good.
pub fn run_in_cell<R>(cell: impl FnOnce() -> R) -> R {
    IN_CELL.store(true, SeqCst);
    let result = cell();
    IN_CELL.store(false, SeqCst);
    result
}

/// Lets this process survive SIGINT, the first signal of an interrupt: programs that a cell started may
/// clean up, while the cell itself pauses until the whole group is killed. A cell may install a
/// handler of its own. Processes that it forks die from the signal as usual.
fn survive_interrupts() -> Result<()> {
    // SAFETY: the handler is async-signal-safe, and the structure is filled in before use.
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
    // SAFETY: the system calls take no pointers. The signal is tied to the parent's thread that
    // started this process: its main thread, which lives as long as the parent (prctl(2)).
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
            return Err(io::Error::last_os_error()).context("prctl");
        }
        // The parent may have died before prctl(2).
        if libc::getppid() == 1 {
            bail!("the kernel has ended");
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() -> Result<()> {
    // The loop ends when the engine closes the connection.
    Ok(())
}
