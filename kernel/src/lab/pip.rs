//! Installs packages with pip.

use std::io::BufRead;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::prebuilt::{follow, progress_line};

/// Installs exactly these requirements (pip's requirements file format) for this Python. `show` gets progress lines.
///
/// # Errors
/// pip's errors.
pub fn install(python: &Path, requirements: &Path, show: &mut dyn FnMut(&str)) -> Result<()> {
    let text = std::fs::read_to_string(requirements)?;
    let total = packages(&text).count();
    let mut show =
        |done, name: &str| show(&progress_line("Installing JupyterLab", done, total, name));
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--no-input"])
        .args(["--disable-pip-version-check", "--progress-bar", "off"])
        .arg("--requirement")
        .arg(requirements)
        .stdin(Stdio::null());
    let (status, complaints) = follow(&mut pip, |lines| {
        let mut done = 0;
        for line in lines.lines().map_while(Result::ok) {
            if let Some(name) = line.strip_prefix("Collecting ") {
                done += 1;
                show(done, name.split(['=', ' ']).next().unwrap_or_default());
            } else if line.starts_with("Installing collected packages") {
                show(total, "unpacking");
            }
        }
    })?;
    if !status.success() {
        bail!("{}", reason(&complaints));
    }
    Ok(())
}

/// Returns the pinned packages, one per line.
pub fn packages(requirements: &str) -> impl Iterator<Item = &str> {
    let lines = requirements.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Returns pip's errors without its warnings, which report every connection attempt.
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
    fn errors_are_reported_without_warnings() {
        let stderr = "WARNING: Retrying\nERROR: No matching distribution found for a==1\n";
        assert_eq!(reason(stderr), "No matching distribution found for a==1");
        assert_eq!(reason("killed\n"), "killed");
    }
}
