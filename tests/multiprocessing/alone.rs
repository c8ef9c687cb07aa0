//! Runs a test in a program of its own.
//!
//! The harness runs tests on threads, which it starts and ends at any time. std does that under a lock, and in a
//! process that is forked at such a moment no std thread can be started. So a test that forks runs where the harness
//! does nothing else: the test program runs itself again, with only this test.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const NAME: &str = "THREADBOOK_TEST_ALONE";

/// Returns whether the caller, a test, should run now. If not, it has already run in a program of its own, and passed.
pub fn is_alone(limit: Duration) -> bool {
    let thread = thread::current();
    let test = thread
        .name()
        .expect("the harness names the thread of a test after it");
    if env::var_os(NAME).is_some_and(|name| name == test) {
        return true;
    }
    let mut said = unnamed_file();
    let mut program = Command::new(env::current_exe().expect("the test program's path"))
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(NAME, test)
        .stdin(Stdio::null())
        // The harness's own output; that of a failing test is on stderr. It is a file, since a process that outlives
        // the test would keep a pipe open.
        .stdout(Stdio::null())
        .stderr(said.try_clone().expect("a descriptor"))
        .spawn()
        .expect("the test program starts again");
    if !ends_well(&mut program, limit) {
        said.rewind().expect("a file to read");
        let text = io::read_to_string(said.take(100_000)).expect("a text");
        panic!("the test failed:\n{text}");
    }
    false
}

fn unnamed_file() -> File {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = env::temp_dir().join(format!("threadbook-test-{}-{number}", process::id()));
    let mut options = File::options();
    let file = options.read(true).write(true).create_new(true).open(&path);
    fs::remove_file(&path).expect("the new file");
    file.expect("a new file")
}

/// The test has a timeout of its own, so this one is rarely reached.
fn ends_well(program: &mut Child, limit: Duration) -> bool {
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = program.try_wait().expect("a child to wait for") {
            return status.success();
        }
        if began.elapsed() > limit {
            program.kill().expect("a child to kill");
            program.wait().expect("its end");
            return false;
        }
        thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(50));
    }
}
