//! Tests that need their own environment: each runs this program again, for itself alone.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// Marks a process that was started for one test.
const INSIDE_VAR: &str = "THREADBOOK_TEST_INSIDE";

/// Returns whether this process has the environment that the test needs.
pub fn inside() -> bool {
    env::var_os(INSIDE_VAR).is_some()
}

/// Returns a command that runs only the test `name` (with its module). `before` is a program to run it with, and its
/// arguments.
pub fn command(name: &str, before: &[&str]) -> Command {
    let this = env::current_exe().expect("this program");
    let mut words: Vec<OsString> = before.iter().map(OsString::from).collect();
    words.push(this.into());
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE_VAR, "1");
    for variable in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs the command. The test in it must have run, and passed.
#[track_caller]
pub fn expect_pass(mut command: Command) {
    let output = command.output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("1 passed"), "{text}\n{errors}");
}

/// Returns a `PATH` with `folder` before the others.
pub fn path_with(folder: PathBuf) -> OsString {
    let others = env::var_os("PATH").unwrap_or_default();
    env::join_paths([folder].into_iter().chain(env::split_paths(&others))).expect("a PATH")
}
