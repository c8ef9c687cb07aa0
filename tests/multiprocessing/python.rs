//! CPython, for the tests that compare with it.

use std::process::{Command, Stdio};

use support::not_run;

/// Python 3 on the PATH.
pub struct Python;

/// Returns Python. `None`: there is none, and the test of which `in_test` is a closure is recorded as not run.
#[track_caller]
pub fn python<F: Fn()>(in_test: F) -> Option<Python> {
    let mut import = Command::new("python3");
    let import = import.args(["-c", "import multiprocessing.shared_memory"]);
    let ended = import.stderr(Stdio::null()).status();
    if ended.is_ok_and(|status| status.success()) {
        return Some(Python);
    }
    not_run::record(in_test, "there is no python3 on the PATH");
    None
}

impl Python {
    /// Runs a program. Returns its stdout; its stderr is the test's.
    pub fn run(&self, program: &str) -> String {
        let mut command = Command::new("python3");
        let command = command.args(["-c", program]).stdin(Stdio::null());
        let output = command.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{program}");
        String::from_utf8(output.stdout).unwrap()
    }
}
