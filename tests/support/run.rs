//! Runs a program until it exits, within a time limit.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A program's exit status and output.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Returns the exit code; `None` if a signal killed the program.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Fails the test unless the exit code is this.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Ended {
        assert_eq!(self.code(), Some(code), "{self}");
        self
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Ended {
            status,
            stdout,
            stderr,
        } = self;
        write!(f, "{status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// Runs the command until it exits. Fails the test if that takes longer than `bound`.
#[track_caller]
pub fn to_end(command: &mut Command, bound: Duration) -> Ended {
    match try_to_end(command, bound) {
        Ok(ended) => ended,
        Err(problem) => panic!("{problem}"),
    }
}

/// Runs the command until it exits. Returns a message if it cannot start, or takes longer than `bound`.
///
/// Its output goes to files: with a pipe, reading would block while a process that outlives it holds the other end.
pub fn try_to_end(command: &mut Command, bound: Duration) -> Result<Ended, String> {
    let mut stdout = tempfile::tempfile().expect("a file for stdout");
    let mut stderr = tempfile::tempfile().expect("a file for stderr");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(stdout.try_clone().expect("a descriptor"))
        .stderr(stderr.try_clone().expect("a descriptor"))
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let group = child.id().cast_signed();
    let (sender, ended) = mpsc::channel();
    let waiter = std::thread::spawn(move || sender.send(child.wait()));
    let in_time = ended.recv_timeout(bound);
    if in_time.is_err() {
        // SAFETY: killpg has no memory effects. The leader was not reaped when the timeout passed; if it is by now, its
        // id cannot have been reused within this moment.
        unsafe { libc::killpg(group, libc::SIGKILL) };
    }
    waiter.join().expect("the waiting thread").ok();
    let (stdout, stderr) = (content(&mut stdout), content(&mut stderr));
    match in_time {
        Ok(status) => Ok(Ended {
            status: status.expect("a status"),
            stdout,
            stderr,
        }),
        Err(_) => Err(format!(
            "{command:?} did not end within {bound:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )),
    }
}

fn content(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind()
        .and_then(|()| file.read_to_end(&mut bytes))
        .expect("the program's output");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the command without root's privilege to write to read-only files, so that tests of permissions also work as
/// root.
pub fn without_root(command: &mut Command) -> Command {
    const CAP_DAC_OVERRIDE: libc::c_ulong = 1;
    let mut restricted = Command::new(command.get_program());
    restricted.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => restricted.env(name, value),
            None => restricted.env_remove(name),
        };
    }
    restricted.current_dir(command.get_current_dir().expect("a directory"));
    // SAFETY: prctl with integers is async-signal-safe. It fails for users who have no such privilege to drop.
    unsafe {
        restricted.pre_exec(|| {
            libc::prctl(libc::PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
            Ok(())
        });
    }
    restricted
}
