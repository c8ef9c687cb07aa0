//! Copies of the runtime: a forked copy takes over when a cell ends the process.
//!
//! After each cell the runtime forks. The copy sleeps until the runtime ends, by a crash, by
//! `exit` or by an interrupt's SIGKILL; then it continues with all variables as they were after the
//! last cell that finished. It cannot restore threads, or undo changes to shared memory and files.
//!
//! Two copies may exist for a moment, the one made before the cell and the one made after it. A
//! record in memory that they share names the one that takes over.

use super::cell_output::{self, CellOutput};
use super::held_descriptors::{self, HeldDescriptors};
use super::private_descriptors::{self, Private};
use super::process_group;
use super::shared_memory;
use super::std_bridge::StdBridge;
use anyhow::{Context, Result};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32};

/// The copies, as the runtime sees them.
pub struct Snapshots {
    inheritance: &'static Inheritance,
    /// A copy that was killed but not yet reaped.
    killed: Option<libc::pid_t>,
    /// That no process of a cell has the connection to the copy.
    connection_is_private: Option<Private>,
}

/// What the runtime passes on, in memory that it shares with its copies.
struct Inheritance {
    /// The process id of the copy that takes over; 0 while there is none.
    successor: AtomicI32,
    /// Whether the engine waits for the end of a cell.
    in_cell: AtomicBool,
}

/// The role of a process after [`Snapshots::renew`].
pub enum Role {
    /// The runtime as before, with a new copy asleep.
    Runtime,
    /// The copy, awake: the previous runtime has ended. Holds how it ended, if it ended in a cell.
    Successor(Option<String>),
}

impl Snapshots {
    pub fn new() -> Result<Snapshots> {
        let inheritance = shared_memory::share::<Inheritance>()?;
        held_descriptors::start();
        Ok(Snapshots {
            inheritance,
            killed: None,
            connection_is_private: None,
        })
    }

    /// Records whether the engine waits for the end of a cell.
    pub fn set_in_cell(&self, in_cell: bool) {
        self.inheritance.in_cell.store(in_cell, SeqCst);
    }

    /// Forks a copy of this process and kills the previous copy. `next` is the output of the next
    /// cell; the copy closes its writing ends.
    pub fn renew(&mut self, std_bridge: &StdBridge, next: &CellOutput) -> Result<Role> {
        let parent = std::process::id() as libc::pid_t;
        let runtime_pidfd = open_pidfd(parent)?;
        let (to_copy, to_runtime) = held_descriptors::connection()?;
        let private = [
            Private::register(&runtime_pidfd),
            Private::register(&to_runtime),
        ];
        let mut connection = Some((Private::register(&to_copy), to_copy));
        let child = private_descriptors::fork_keeping_private(|| {
            let child = std_bridge.fork();
            self.connection_is_private = None;
            if child > 0
                && let Some((private, to_copy)) = connection.take()
            {
                held_descriptors::connect(to_copy);
                self.connection_is_private = Some(private);
            }
            child
        });
        match child {
            -1 => Err(io::Error::last_os_error()).context("cannot fork a copy of the runtime"),
            0 => {
                self.killed = None;
                held_descriptors::disconnect();
                drop(connection);
                cell_output::detach(next)?;
                self.sleep(&runtime_pidfd, HeldDescriptors::new(to_runtime));
                held_descriptors::start();
                drop(private);
                let in_cell = self.inheritance.in_cell.swap(false, SeqCst);
                Ok(Role::Successor(in_cell.then(|| how_it_ended(parent))))
            }
            child => {
                // Before anything else: an interrupt must kill the runtime's group, not the copy.
                // SAFETY: setpgid(2) takes no pointers. The child makes the same call; the order does not matter.
                unsafe { libc::setpgid(child, child) };
                let previous = self.inheritance.successor.swap(child, SeqCst);
                process_group::set_copy(child);
                self.kill(previous);
                Ok(Role::Runtime)
            }
        }
    }

    /// Kills the copy, because the runtime is about to exit normally.
    pub fn discard(&mut self) {
        let previous = self.inheritance.successor.swap(0, SeqCst);
        self.kill(previous);
    }

    /// Sleeps until the runtime has ended, but for what it asks. Exits if another copy is the successor.
    fn sleep(&self, runtime_pidfd: &OwnedFd, mut held: HeldDescriptors) {
        // SAFETY: setpgid(2) takes no pointers.
        unsafe { libc::setpgid(0, 0) };
        let mut polled = [runtime_pidfd.as_raw_fd(), held.as_raw_fd()].map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        });
        let (ended, asks) = (0, 1);
        while polled[ended].revents == 0 {
            // SAFETY: `polled` is an array of two live structures. Interrupted waits are repeated.
            let ready = unsafe { libc::poll(polled.as_mut_ptr(), 2, -1) };
            if ready > 0 && polled[asks].revents != 0 && held.answer().is_err() {
                // poll(2) ignores negative numbers.
                polled[asks].fd = -1;
            }
        }
        // The first runtime may have ended before it could record the first successor.
        let successor = self.inheritance.successor.load(SeqCst);
        if successor != 0 && successor != std::process::id() as libc::pid_t {
            // SAFETY: `_exit` ends this process at once, without the runtime's exit handlers.
            unsafe { libc::_exit(0) };
        }
    }

    fn kill(&mut self, copy: libc::pid_t) {
        if let Some(killed) = self.killed.take() {
            // SAFETY: waitpid(2) accepts null for the status; the child was killed, so the call returns soon.
            unsafe { libc::waitpid(killed, std::ptr::null_mut(), 0) };
        }
        if copy > 0 && copy != std::process::id() as libc::pid_t {
            // SAFETY: the copy is an unreaped child of this process, so its id has not been reused.
            unsafe { libc::kill(copy, libc::SIGKILL) };
            self.killed = Some(copy);
            held_descriptors::note_killed(copy);
        }
    }
}

/// Opens a descriptor that becomes readable when the process ends (pidfd_open(2)).
pub fn open_pidfd(process: libc::pid_t) -> Result<OwnedFd> {
    // SAFETY: the system call takes no pointers; the new descriptor is ours.
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, process, 0);
        if fd < 0 {
            return Err(io::Error::last_os_error()).context("pidfd_open");
        }
        Ok(OwnedFd::from_raw_fd(fd as libc::c_int))
    }
}

/// Describes how an unreaped process ended: the last field of its `/proc/PID/stat` is its wait
/// status (proc(5)).
fn how_it_ended(process: libc::pid_t) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let status = stat
        .split_whitespace()
        .next_back()
        .and_then(|field| field.parse().ok());
    status.map_or_else(|| "the cell ended its process".to_owned(), describe_status)
}

pub fn describe_status(status: libc::c_int) -> String {
    if libc::WIFEXITED(status) {
        return format!(
            "the cell ended its process with exit({})",
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
        signal => format!("the cell's process was killed by signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_statuses_are_described() {
        assert_eq!(
            describe_status(3 << 8),
            "the cell ended its process with exit(3)"
        );
        assert_eq!(
            describe_status(libc::SIGSEGV),
            "segmentation fault in this cell"
        );
        assert_eq!(
            describe_status(libc::SIGSEGV | 0x80),
            "segmentation fault in this cell"
        );
        assert_eq!(
            describe_status(libc::SIGTERM),
            "the cell's process was killed by signal 15"
        );
    }
}
