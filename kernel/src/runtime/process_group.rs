//! The process group of the runtime: how signals reach it, and when it ends.

use anyhow::{Context, Result, bail};
use std::io;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU32};

/// Makes this process the leader of a process group, so that an interrupt reaches the cell and
/// all processes that it started, and lets it die with its parent: the engine, or the kernel when
/// it has taken the place of a runtime that ended.
pub fn lead() -> Result<()> {
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
