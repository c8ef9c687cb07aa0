//! Follows a program that tells of its progress on stdout.

use std::io::{BufReader, Read};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// Runs the command, whose standard input is set, to its end. `read` gets its stdout, and is to read all of it; what comes with the status is its stderr,
/// which is taken at the same time so that neither pipe fills up.
///
/// # Errors
/// When it cannot be started.
pub fn follow(
    command: &mut Command,
    read: impl FnOnce(BufReader<ChildStdout>),
) -> Result<(ExitStatus, String)> {
    let name = command.get_program().to_owned();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", name.display()))?;
    let stdout = child.stdout.take().context("a program without stdout")?;
    let stderr = child.stderr.take().context("a program without stderr")?;
    let complaints = std::thread::spawn(move || {
        let mut text = String::new();
        // What cannot be read is only missing from a message.
        let _ = BufReader::new(stderr).read_to_string(&mut text);
        text
    });
    read(BufReader::new(stdout));
    let complaints = complaints.join().unwrap_or_default();
    Ok((child.wait()?, complaints))
}
