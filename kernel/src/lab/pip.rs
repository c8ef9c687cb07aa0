//! pip, which fetches and installs packages.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Installs exactly these requirements (pip's requirements file format) with this Python. `show` gets lines of
/// progress.
///
/// # Errors
/// With what pip says.
pub fn install(python: &Path, requirements: &Path, show: &mut dyn FnMut(&str)) -> Result<()> {
    let text = std::fs::read_to_string(requirements)?;
    let total = packages(&text).count();
    let mut pip = Command::new(python)
        .args(["-m", "pip", "install", "--no-input"])
        .args(["--disable-pip-version-check", "--progress-bar", "off"])
        .arg("--requirement")
        .arg(requirements)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", python.display()))?;
    let lines = pip.stdout.take().context("pip has no stdout")?;
    let complaints = pip.stderr.take().context("pip has no stderr")?;
    let complaints = std::thread::spawn(move || {
        let mut text = String::new();
        // What cannot be read is only missing from a message.
        let _ = BufReader::new(complaints).read_to_string(&mut text);
        text
    });
    let mut done = 0;
    for line in BufReader::new(lines).lines().map_while(Result::ok) {
        if let Some(name) = line.strip_prefix("Collecting ") {
            done += 1;
            let name = name.split(['=', ' ']).next().unwrap_or_default();
            show(&progress(done, total, name));
        } else if line.starts_with("Installing collected packages") {
            show(&progress(total, total, "unpacking"));
        }
    }
    let complaints = complaints.join().unwrap_or_default();
    if !pip.wait()?.success() {
        bail!("{}", reason(&complaints));
    }
    Ok(())
}

/// What is pinned, one a line.
pub fn packages(requirements: &str) -> impl Iterator<Item = &str> {
    let lines = requirements.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn progress(done: usize, total: usize, name: &str) -> String {
    const WIDTH: usize = 24;
    let full = WIDTH * done.min(total) / total.max(1);
    format!(
        "Installing JupyterLab, once: [{}{}] {done}/{total} {name}",
        "#".repeat(full),
        "-".repeat(WIDTH - full),
    )
}

/// pip's errors; its warnings tell of every attempt to reach a machine.
fn reason(complaints: &str) -> String {
    let errors: Vec<_> = complaints
        .lines()
        .filter_map(|line| line.strip_prefix("ERROR: "))
        .collect();
    if errors.is_empty() {
        complaints.trim().to_owned()
    } else {
        errors.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_a_line_without_comments() {
        let text = "# JupyterLab\n\njupyterlab==4.6.6\n  yt-dlp==2026.10.26\n";
        assert_eq!(
            packages(text).collect::<Vec<_>>(),
            ["jupyterlab==4.6.6", "yt-dlp==2026.10.26"]
        );
    }

    #[test]
    fn errors_are_told_without_warnings() {
        let told = "WARNING: Retrying\nERROR: No matching distribution found for a==1\n";
        assert_eq!(reason(told), "No matching distribution found for a==1");
        assert_eq!(reason("killed\n"), "killed");
    }

    #[test]
    fn progress_is_a_bar() {
        assert_eq!(
            progress(1, 4, "anyio"),
            "Installing JupyterLab, once: [######------------------] 1/4 anyio"
        );
    }
}
