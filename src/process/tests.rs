//! The tests run on threads of the harness, so `start` is called from a thread that is not the main one; what a child
//! starts comes from a main thread. Tests whose children start threads run `within` a program of their own.

mod fork;
mod grandchildren;
mod handle;
mod process_tree;
mod shutdown;
mod stop;
mod warning;

use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::{AsFd, AsRawFd};
use std::process::id;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::ipc::testing::within;
use crate::os;
use crate::prelude::*;

/// Joins a process, but not for ever. Returns its exit code.
fn join(p: &Process) -> Option<i32> {
    let pid = p.pid().unwrap();
    if p.is_alive() && !ends(pid) {
        kill(pid, libc::SIGKILL);
        panic!("{p:?} hangs");
    }
    p.join().unwrap();
    assert!(!p.is_alive());
    p.exitcode()
}

/// Returns whether a child exits within 30 seconds.
fn ends(pid: u32) -> bool {
    match os::pidfd(pid) {
        Ok(fd) => os::wait_readable(fd.as_fd(), 30_000),
        Err(_) => true,
    }
}

fn run(f: impl FnOnce() + 'static) -> Option<i32> {
    let mut p = Process::new(f);
    p.start().unwrap();
    join(&p)
}

fn kill(pid: u32, signal: libc::c_int) {
    // SAFETY: sends a signal to a child of a test.
    unsafe { libc::kill(pid as libc::pid_t, signal) };
}

fn exists(pid: u32) -> bool {
    // SAFETY: signal 0 is not delivered.
    unsafe { libc::kill(pid as libc::pid_t, 0) == 0 }
}

/// Redirects `fd` to `to`, in a child.
fn redirect(fd: libc::c_int, to: &impl AsRawFd) {
    // SAFETY: both descriptors are open, and the child shares 1 and 2 with no one who minds.
    assert_ne!(unsafe { libc::dup2(to.as_raw_fd(), fd) }, -1);
}

/// Runs `f` in a process and returns what it writes to `fd`, and its exit code.
fn output(fd: libc::c_int, f: impl FnOnce() + 'static) -> (String, Option<i32>) {
    let (mut reader, writer) = pipe().unwrap();
    let mut p = Process::named("writer", move || {
        redirect(fd, &writer);
        drop(writer);
        f();
    });
    p.start().unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    (text, join(&p))
}

/// Blocks until the other end writes.
fn wait_for_word(mut reader: PipeReader) {
    assert!(os::wait_readable(reader.as_fd(), 30_000), "no word in 30 s");
    assert_eq!(reader.read(&mut [0]).unwrap(), 1);
}

/// Starts a process that lives until it is killed.
fn endless() -> Process {
    let mut p = Process::new(|| {
        loop {
            thread::park();
        }
    });
    p.start().unwrap();
    p
}

fn give_word(mut writer: PipeWriter) {
    writer.write_all(b"!").unwrap();
}
