//! One file for each kind of primitive, with tests named after Python's rules. Tests that could hang have a timeout of
//! their own.

mod barrier;
mod condition;
mod event;
mod lock;
mod semaphore;
mod value;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use crate::future::panic_message;
use crate::prelude::*;

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(20);

fn start(f: impl FnOnce() + 'static) -> Process {
    let mut p = Process::new(f);
    p.start().unwrap();
    p
}

/// Joins a process, but not for ever. Returns its exit code.
fn join(p: &Process) -> Option<i32> {
    if !p.join_timeout(LONG).unwrap() {
        p.kill().unwrap();
        panic!("{p:?} hangs");
    }
    p.exitcode()
}

/// Runs `f` in a process.
fn run(f: impl FnOnce() + 'static) -> Option<i32> {
    join(&start(f))
}

fn message_of<T>(f: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => panic_message(payload),
    }
}

/// Starts a child that runs `f` and then sleeps, holding the result.
fn holding(f: impl FnOnce() + 'static) -> Process {
    let ready = Event::new();
    let tell = ready.clone();
    let p = start(move || {
        f();
        tell.set();
        loop {
            thread::park();
        }
    });
    assert!(ready.wait_timeout(LONG));
    p
}

/// Polls until it is true.
fn until(so: impl Fn() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < LONG, "it never is");
        thread::yield_now();
    }
}
