//! A child as its parent sees it: running, or how it exited.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::Instant;

use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::sync;

/// A process that this one has started.
pub(crate) struct Child {
    pub(super) pid: u32,
    pub(super) name: String,
    pub(super) daemon: bool,
    /// The process that started it, and the only one that can wait for it.
    parent_pid: u32,
    /// Held only briefly, never while waiting.
    state: Mutex<State>,
    sentinel: OnceLock<OwnedFd>,
}

/// How a process exited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExitStatus {
    /// The exit code; -N if signal N killed it.
    Code(i32),
    /// Other code of this process has reaped it and has its code.
    ReapedElsewhere,
}

struct State {
    exit: Option<ExitStatus>,
    /// How many threads block until the child exits. While there are any it stays a zombie, so that its id, which they
    /// use, is not given to another process.
    waiting: u32,
    /// The child was reaped, so its id may be reused.
    reaped: bool,
}

impl Child {
    pub(super) fn new(pid: u32, name: String, daemon: bool) -> Self {
        Self {
            pid,
            name,
            daemon,
            parent_pid: os::process_id(),
            state: Mutex::new(State {
                exit: None,
                waiting: 0,
                reaped: false,
            }),
            sentinel: OnceLock::new(),
        }
    }

    /// Returns whether this process started it.
    pub(super) fn is_ours(&self) -> bool {
        self.parent_pid == os::process_id()
    }

    pub(super) fn parent_pid(&self) -> u32 {
        self.parent_pid
    }

    /// Returns how the child exited; None while it runs. Never blocks.
    pub(super) fn poll(&self) -> Option<ExitStatus> {
        let mut state = self.lock();
        self.refresh(&mut state);
        state.exit
    }

    /// Blocks until the child exits. Several threads may wait for one child.
    pub(super) fn wait(&self) -> io::Result<ExitStatus> {
        let mut state = self.lock();
        self.refresh(&mut state);
        if let Some(exit) = state.exit {
            return Ok(exit);
        }
        state.waiting += 1;
        drop(state);

        let blocked = Blocked::on(BlockedOn::Process(self.pid), false);
        let ended = wait_for(self.pid, libc::WEXITED | libc::WNOWAIT);
        drop(blocked);

        let mut state = self.lock();
        state.waiting -= 1;
        self.refresh(&mut state);
        ended?;
        // `refresh` has seen what `wait_for` saw: the child has exited, or the system no longer knows it.
        state.exit.ok_or_else(|| io::ErrorKind::Other.into())
    }

    /// As [`Self::wait`], until the deadline. Returns whether the child has exited.
    pub(super) fn wait_until(&self, deadline: Option<Instant>) -> io::Result<bool> {
        let ended = {
            let mut state = self.lock();
            self.refresh(&mut state);
            self.pidfd(&state)?
        };
        let _blocked = Blocked::on(BlockedOn::Process(self.pid), deadline.is_some());
        os::wait_readable_until(ended.as_fd(), deadline);
        Ok(self.poll().is_some())
    }

    /// A descriptor that is readable once the child has exited.
    pub(super) fn sentinel(&self) -> io::Result<BorrowedFd<'_>> {
        if self.sentinel.get().is_none() {
            let mut state = self.lock();
            self.refresh(&mut state);
            // Two threads may get here one after the other; the second's descriptor is closed again.
            let _ = self.sentinel.set(self.pidfd(&state)?);
        }
        match self.sentinel.get() {
            Some(fd) => Ok(fd.as_fd()),
            None => Err(io::ErrorKind::Other.into()),
        }
    }

    /// Sends a signal, if the child still runs.
    pub(super) fn signal(&self, signal: libc::c_int) -> io::Result<()> {
        let mut state = self.lock();
        self.refresh(&mut state);
        if state.exit.is_some() {
            return Ok(());
        }
        // SAFETY: the call takes two integers. The id is the child's: it was not reaped, and `state` is locked.
        match unsafe { libc::kill(self.pid as libc::pid_t, signal) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }

    /// Asks the system, and reaps the child if it has exited and no one is waiting.
    fn refresh(&self, state: &mut State) {
        if state.reaped {
            return;
        }
        let keep = if state.waiting > 0 { libc::WNOWAIT } else { 0 };
        // Errors other than those that `wait_for` handles cannot happen; the child would count as running.
        if let Ok(Some(exit)) = wait_for(self.pid, libc::WEXITED | libc::WNOHANG | keep) {
            state.exit.get_or_insert(exit);
            state.reaped = keep == 0 || exit == ExitStatus::ReapedElsewhere;
        }
    }

    /// See [`Self::sentinel`]. `state` is locked, so the id is the child's.
    fn pidfd(&self, state: &State) -> io::Result<OwnedFd> {
        match state.reaped {
            false => os::pidfd(self.pid),
            true => readable(),
        }
    }
}

/// Returns a descriptor that is always readable: a pipe that no one can write to.
fn readable() -> io::Result<OwnedFd> {
    Ok(io::pipe()?.0.into())
}

/// Waits for this child and no other: this process may also have children of std's `Command`. None: it still runs (with
/// WNOHANG).
fn wait_for(pid: u32, options: libc::c_int) -> io::Result<Option<ExitStatus>> {
    loop {
        // SAFETY: all bytes zero are a valid `siginfo_t`.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: `info` is live, and nothing else is written.
        if unsafe { libc::waitid(libc::P_PID, pid as libc::id_t, &raw mut info, options) } == 0 {
            // SAFETY: `waitid` has filled in the fields of a child that changed, or left them zero.
            let (changed, status) = unsafe { (info.si_pid(), info.si_status()) };
            return Ok(match (changed, info.si_code) {
                (0, _) => None,
                (_, libc::CLD_EXITED) => Some(ExitStatus::Code(status)),
                _ => Some(ExitStatus::Code(-status)),
            });
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::ECHILD) => return Ok(Some(ExitStatus::ReapedElsewhere)),
            _ => return Err(error),
        }
    }
}
