//! Runs programs on the PATH, mostly for their versions.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// How long a program may take. JupyterLab needs seconds to print its version from a cold disk.
const VERSION_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the program and returns its stdout, trimmed.
///
/// # Errors
/// A message: why there is no output.
pub async fn ask(program: &str, arguments: &[&str]) -> Result<String, String> {
    feed(program, arguments, "").await
}

/// Runs the program as [`ask`] does, with this input on stdin.
///
/// # Errors
/// As for [`ask`].
pub async fn feed(program: &str, arguments: &[&str], input: &str) -> Result<String, String> {
    let run = async {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Otherwise rustup prints a backtrace below its error.
            .env_remove("RUST_BACKTRACE")
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // If the program does not read its input, its exit status tells.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        child.wait_with_output().await
    };
    let ended = match tokio::time::timeout(VERSION_TIMEOUT, run).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!("no program `{program}` on the PATH"));
        }
        Ok(Err(error)) => return Err(format!("cannot start `{program}`: {error}")),
        Err(_) => {
            let seconds = VERSION_TIMEOUT.as_secs();
            return Err(format!("`{program}` did not finish within {seconds} s"));
        }
    };
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned());
    }
    let stderr = String::from_utf8_lossy(&ended.stderr);
    let reason = reason_in(&stderr).map_or_else(|| ended.status.to_string(), str::to_owned);
    Err(format!(
        "`{program} {}` failed: {reason}",
        arguments.join(" ")
    ))
}

/// Returns the line of a program's stderr that says why it failed: its first `error:`, or else its last line.
fn reason_in(stderr: &str) -> Option<&str> {
    let mut lines = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let error = lines.clone().find_map(|line| line.strip_prefix("error: "));
    error.or_else(|| lines.next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_is_asked() {
        assert_eq!(ask("sh", &["-c", "echo ' 1.2 '"]).await.unwrap(), "1.2");
        assert_eq!(feed("cat", &[], "hello").await.unwrap(), "hello");
        for (program, script, reason) in [
            (
                "no-such-program",
                "",
                "no program `no-such-program` on the PATH",
            ),
            ("sh", "echo why >&2; exit 3", "failed: why"),
            ("sh", "exit 3", "exit status: 3"),
            (
                "sh",
                "echo 'error: why\nhelp: this' >&2; exit 1",
                "failed: why",
            ),
        ] {
            let error = ask(program, &["-c", script]).await.unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
