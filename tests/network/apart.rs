//! Tests that need their own environment: each runs this program again, for that test alone.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// Set in processes that were started for one test.
const INSIDE_VAR: &str = "THREADBOOK_TEST_INSIDE";

/// Returns whether this process was started by [`command`].
pub fn inside() -> bool {
    env::var_os(INSIDE_VAR).is_some()
}

/// Returns a command that runs only the test `name` (with its module). `wrapper` is a program with arguments that runs it.
pub fn command(name: &str, wrapper: &[&str]) -> Command {
    let this = env::current_exe().expect("this program");
    let mut arguments: Vec<OsString> = wrapper.iter().map(OsString::from).collect();
    arguments.push(this.into());
    let mut command = Command::new(&arguments[0]);
    command
        .args(&arguments[1..])
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

/// Runs the command to its end and checks that its test ran and passed.
#[track_caller]
pub fn expect_pass(mut command: Command) {
    let output = command.output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("1 passed"), "{text}\n{errors}");
}

/// Returns the `PATH` with `folder` first.
pub fn path_with(folder: PathBuf) -> OsString {
    let others = env::var_os("PATH").unwrap_or_default();
    env::join_paths([folder].into_iter().chain(env::split_paths(&others))).expect("a PATH")
}
