//! Helpers for the tests of messages.

#[path = "../../tests/multiprocessing/alone.rs"]
mod alone;

use std::os::fd::AsFd;
use std::time::Duration;

use crate::os;
use crate::prelude::*;

/// Runs a test in a process of its own: no other test's process holds its descriptors, and a hang ends after `seconds`,
/// as a failure.
pub(crate) fn within(seconds: i32, test: impl FnOnce() + 'static) {
    if alone::is_alone(Duration::from_secs(30 + seconds as u64)) {
        assert_eq!(end_of(&start(test), seconds), Some(0));
    }
}

/// Starts a process.
pub(crate) fn start(f: impl FnOnce() + 'static) -> Process {
    let mut p = Process::new(f);
    p.start().unwrap();
    p
}

/// Joins a process, but not for ever. Returns its exit code.
pub(crate) fn end_of(p: &Process, seconds: i32) -> Option<i32> {
    let pid = p.pid().unwrap();
    if p.is_alive()
        && let Ok(fd) = os::pidfd(pid)
        && !os::wait_readable(fd.as_fd(), seconds * 1000)
    {
        kill(pid);
        panic!("process {pid} hangs");
    }
    p.join().unwrap();
    p.exitcode()
}

/// Joins processes that must exit with code 0.
pub(crate) fn join_all(processes: impl IntoIterator<Item = Process>) {
    for p in processes {
        assert_eq!(end_of(&p, 60), Some(0));
    }
}

pub(crate) fn kill(pid: u32) {
    // SAFETY: sends a signal to a process that the test has started.
    unsafe { libc::kill(pid as libc::pid_t, libc::SIGKILL) };
}
