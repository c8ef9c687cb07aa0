//! A copy of the runtime that takes its place when a cell ends it.
//!
//! After each cell the runtime forks. The copy sleeps until the runtime ends, by a crash, by
//! `exit` or by an interrupt's SIGKILL; then it goes on with all variables as they were after the
//! last cell that reached its end. What cannot come back: threads, and what was changed in shared
//! memory or in files.
//!
//! There may be two copies for a moment, the one that was made before the cell and the one made
//! after it. Which of them is to take over is written down in memory that all of them share.

use super::cell_output::{self, CellOutput};
use super::private_descriptors::{self, Private};
use super::shared_memory;
use super::std_bridge::StdBridge;
use anyhow::{Context, Result};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32};

/// The runtime's side of the copies.
pub struct Snapshots {
    inheritance: &'static Inheritance,
    /// A copy that has been ended and not been waited for.
    ended: Option<libc::pid_t>,
}

/// What the runtime leaves behind, in memory that its copies share.
struct Inheritance {
    /// The process id of the copy that takes over, 0 while there is none.
    successor: AtomicI32,
    /// Whether the engine waits for the end of a cell.
    in_cell: AtomicBool,
}

/// What a process finds itself to be after [`Snapshots::renew`].
pub enum Role {
    /// The runtime as before, with a fresh copy asleep.
    Runtime,
    /// The copy, awake: the runtime before it has ended, and this is how, if it ended in a cell.
    Successor(Option<String>),
}

impl Snapshots {
    pub fn new() -> Result<Snapshots> {
        let inheritance = shared_memory::share::<Inheritance>()?;
        Ok(Snapshots {
            inheritance,
            ended: None,
        })
    }

    /// Notes whether the engine waits for the end of a cell.
    pub fn set_in_cell(&self, in_cell: bool) {
        self.inheritance.in_cell.store(in_cell, SeqCst);
    }

    /// Makes a copy of this process as it is now, and lets go of the one before. `next` is the
    /// output of the cell that runs next, of which the copy does not hold the writing ends.
    pub fn renew(&mut self, std_bridge: &StdBridge, next: &CellOutput) -> Result<Role> {
        let parent = std::process::id() as libc::pid_t;
        let life = open_process(parent)?;
        let private = Private::keep(&life);
        let child = private_descriptors::sparing_private_files(|| std_bridge.fork());
        match child {
            -1 => Err(io::Error::last_os_error()).context("cannot keep a copy of the variables"),
            0 => {
                self.ended = None;
                cell_output::leave(next)?;
                self.sleep(&life);
                drop(private);
                let in_cell = self.inheritance.in_cell.swap(false, SeqCst);
                Ok(Role::Successor(in_cell.then(|| how_it_ended(parent))))
            }
            child => {
                // Before anything else: an interrupt ends the runtime's group, not the copy.
                // SAFETY: setpgid(2) without pointers. The child does the same; one is first.
                unsafe { libc::setpgid(child, child) };
                let before = self.inheritance.successor.swap(child, SeqCst);
                self.end(before);
                Ok(Role::Runtime)
            }
        }
    }

    /// Ends the copy, since the runtime is about to end in good order.
    pub fn dismiss(&mut self) {
        let before = self.inheritance.successor.swap(0, SeqCst);
        self.end(before);
    }

    /// Sleeps until the runtime has ended; ends this copy if another one is the successor.
    fn sleep(&self, life: &OwnedFd) {
        // SAFETY: setpgid(2) without pointers.
        unsafe { libc::setpgid(0, 0) };
        let mut polled = libc::pollfd {
            fd: life.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one live descriptor; interrupted waits are repeated.
        while unsafe { libc::poll(&mut polled, 1, -1) } != 1 {}
        // The first runtime may have ended before it could write down the first successor.
        let successor = self.inheritance.successor.load(SeqCst);
        if successor != 0 && successor != std::process::id() as libc::pid_t {
            // SAFETY: ends this process at once, without handlers that were meant for the runtime.
            unsafe { libc::_exit(0) };
        }
    }

    fn end(&mut self, copy: libc::pid_t) {
        if let Some(ended) = self.ended.take() {
            // SAFETY: waitpid(2) for a child of ours that was killed; no place for the status.
            unsafe { libc::waitpid(ended, std::ptr::null_mut(), 0) };
        }
        if copy > 0 && copy != std::process::id() as libc::pid_t {
            // SAFETY: the copy is a child of ours that nobody has waited for.
            unsafe { libc::kill(copy, libc::SIGKILL) };
            self.ended = Some(copy);
        }
    }
}

/// A descriptor that becomes readable when the process ends (pidfd_open(2)).
fn open_process(process: libc::pid_t) -> Result<OwnedFd> {
    // SAFETY: a system call without pointers; the new descriptor is ours.
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, process, 0);
        if fd < 0 {
            return Err(io::Error::last_os_error()).context("pidfd_open");
        }
        Ok(OwnedFd::from_raw_fd(fd as libc::c_int))
    }
}

/// In words, how a process ended that nobody has waited for yet: the last field of its
/// `/proc/PID/stat` is its wait status (proc(5)).
fn how_it_ended(process: libc::pid_t) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let status = stat
        .split_whitespace()
        .next_back()
        .and_then(|field| field.parse().ok());
    status.map_or_else(|| "the cell ended its process".to_owned(), in_words)
}

fn in_words(status: libc::c_int) -> String {
    if libc::WIFEXITED(status) {
        return format!(
            "the cell left its process by exit({})",
            libc::WEXITSTATUS(status)
        );
    }
    match libc::WTERMSIG(status) {
        libc::SIGSEGV => "segmentation fault in this cell".to_owned(),
        libc::SIGBUS => "bus error in this cell".to_owned(),
        libc::SIGILL => "illegal instruction in this cell".to_owned(),
        libc::SIGFPE => "arithmetic error in this cell".to_owned(),
        libc::SIGABRT => "this cell aborted".to_owned(),
        libc::SIGKILL => "the cell's process was killed".to_owned(),
        signal => format!("the cell's process was ended by signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_statuses_are_told_in_words() {
        assert_eq!(in_words(3 << 8), "the cell left its process by exit(3)");
        assert_eq!(in_words(libc::SIGSEGV), "segmentation fault in this cell");
        assert_eq!(
            in_words(libc::SIGSEGV | 0x80),
            "segmentation fault in this cell"
        );
        assert_eq!(
            in_words(libc::SIGTERM),
            "the cell's process was ended by signal 15"
        );
    }
}
