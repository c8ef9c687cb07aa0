//! Runs a program that reports its progress on stdout.

use std::io::{BufReader, Read};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// Runs the command, whose stdin the caller has set, and returns its status and stderr. `read` must read all of stdout;
/// stderr is read at the same time, so that neither pipe fills up.
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
    let stdout = child.stdout.take().context("the program has no stdout")?;
    let stderr = child.stderr.take().context("the program has no stderr")?;
    let complaints = std::thread::spawn(move || {
        let mut text = String::new();
        // Errors are ignored: the text is only for a message.
        let _ = BufReader::new(stderr).read_to_string(&mut text);
        text
    });
    read(BufReader::new(stdout));
    let complaints = complaints.join().unwrap_or_default();
    Ok((child.wait()?, complaints))
}
