//! Programs on the PATH, asked for their versions.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A program that takes longer to tell its version is of no use. JupyterLab's needs seconds on a cold disk.
const VERSION_TIMEOUT: Duration = Duration::from_secs(30);

/// What the program prints on stdout, without blanks around it.
///
/// # Errors
/// In words, why it gives no answer.
pub async fn ask(program: &str, arguments: &[&str]) -> Result<String, String> {
    feed(program, arguments, "").await
}

/// As [`ask`], of a program that reads this on stdin.
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
            // rustup would print a stack of its own below its error.
            .env_remove("RUST_BACKTRACE")
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read is told by how it ends.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        child.wait_with_output().await
    };
    let ended = match tokio::time::timeout(VERSION_TIMEOUT, run).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!("there is no program `{program}` on the PATH"));
        }
        Ok(Err(error)) => return Err(format!("`{program}` cannot be started: {error}")),
        Err(_) => {
            let seconds = VERSION_TIMEOUT.as_secs();
            return Err(format!("`{program}` does not answer within {seconds} s"));
        }
    };
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned());
    }
    let stderr = String::from_utf8_lossy(&ended.stderr);
    let reason = reason_in(&stderr).map_or_else(|| ended.status.to_string(), str::to_owned);
    Err(format!(
        "`{program} {}` fails: {reason}",
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
            ("sh", "echo why >&2; exit 3", "fails: why"),
            ("sh", "exit 3", "exit status: 3"),
            (
                "sh",
                "echo 'error: why\nhelp: this' >&2; exit 1",
                "fails: why",
            ),
        ] {
            let error = ask(program, &["-c", script]).await.unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
