//! Processes for tests: every wait has a limit.

use std::io::{Read, pipe};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::alone::is_alone;

/// Longer than anything that works takes, even on a busy machine.
pub const LONG: Duration = Duration::from_secs(30);

/// Runs a test as the body of a process. No other test's process has its descriptors or is its child, and if it hangs,
/// it and everything it has started are killed after `seconds`.
pub fn within(seconds: u64, test: impl FnOnce() + 'static) {
    let limit = Duration::from_secs(seconds);
    if is_alone(limit + LONG) {
        assert_eq!(end_within(&start(test), limit), Some(0));
    }
}

/// Starts a process.
pub fn start(f: impl FnOnce() + 'static) -> Process {
    let mut p = Process::new(f);
    p.start().unwrap();
    p
}

/// Waits for a process to exit. Returns its exit code.
pub fn end_of(p: &Process) -> Option<i32> {
    end_within(p, LONG)
}

/// Runs `f` in a process. Returns its exit code.
pub fn run(f: impl FnOnce() + 'static) -> Option<i32> {
    end_of(&start(f))
}

/// Waits for processes that must exit with code 0.
pub fn join_all(processes: impl IntoIterator<Item = Process>) {
    for p in processes {
        assert_eq!(end_of(&p), Some(0));
    }
}

fn end_within(p: &Process, limit: Duration) -> Option<i32> {
    if !p.join_timeout(limit).unwrap() {
        p.kill().unwrap();
        p.join().unwrap();
        panic!("{} hung for {limit:?}", p.name());
    }
    p.exitcode()
}

/// Starts a process that lives until it is killed.
pub fn endless() -> Process {
    start(sleep_for_ever)
}

pub fn sleep_for_ever() {
    loop {
        thread::park();
    }
}

/// Starts a child that runs `f` and then sleeps, holding the result.
pub fn holding<T>(f: impl FnOnce() -> T + 'static) -> Process {
    let ready = Event::new();
    let tell = ready.clone();
    let p = start(move || {
        let _held = f();
        tell.set();
        sleep_for_ever();
    });
    assert!(ready.wait_timeout(LONG));
    p
}

/// Kills a process and waits for its exit.
pub fn kill(p: &Process) {
    p.kill().unwrap();
    assert_eq!(end_of(p), Some(-9));
}

/// Sends a signal to the process that calls it.
pub fn raise(signal: libc::c_int) {
    // SAFETY: takes an integer; this crate has no handlers.
    unsafe { libc::raise(signal) };
}

/// Runs `f` as a process. Returns what it writes to stdout (1) or stderr (2), and its exit code.
pub fn output(fd: libc::c_int, f: impl FnOnce() + 'static) -> (String, Option<i32>) {
    let (mut reader, writer) = pipe().unwrap();
    let mut p = Process::named("writer", move || {
        redirect(fd, &writer);
        drop(writer);
        f();
    });
    p.start().unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    (text, end_of(&p))
}

/// Redirects `fd` of this process to `to`.
pub fn redirect(fd: libc::c_int, to: &impl AsRawFd) {
    // SAFETY: both descriptors are open, and 1 and 2 belong to no object of Rust.
    assert_ne!(unsafe { libc::dup2(to.as_raw_fd(), fd) }, -1);
}

/// Silences this process: its output is not under test.
pub fn be_silent() {
    let nowhere = std::fs::File::create("/dev/null").unwrap();
    redirect(1, &nowhere);
    redirect(2, &nowhere);
}

/// Returns whether there is a process with this id, which may be a zombie.
pub fn exists(pid: u32) -> bool {
    // SAFETY: signal 0 is not delivered.
    unsafe { libc::kill(pid as libc::pid_t, 0) == 0 }
}

/// Returns the message of a panic.
pub fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    let payload = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => payload,
    };
    match payload.downcast_ref::<&str>() {
        Some(text) => (*text).into(),
        None => payload.downcast_ref::<String>().unwrap().clone(),
    }
}

/// Returns the message of an error.
pub fn error_of<T, E: std::error::Error>(result: Result<T, E>) -> String {
    match result {
        Ok(_) => panic!("there was no error"),
        Err(error) => error.to_string(),
    }
}

/// Polls until it is true.
pub fn until(so: impl Fn() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < LONG, "it never is");
        thread::yield_now();
    }
}

/// Returns how many descriptors this process has.
pub fn descriptors() -> usize {
    std::fs::read_dir("/dev/fd").unwrap().count()
}
