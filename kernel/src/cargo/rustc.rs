//! Calls rustc, and asks it how long it has linked if somebody wants to know.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::compilation::Call;
use super::input::Input;
use crate::ipc::TIMINGS_VAR;

/// rustc's code, and how long the linker took, in seconds, if that was asked for. What rustc says goes to stderr.
///
/// # Errors
/// When rustc cannot be started.
pub fn call(call: &Call, input: &Input, folder: &Path) -> Result<(u8, Option<f64>)> {
    let is_timed = std::env::var_os(TIMINGS_VAR).is_some();
    let mut rustc = Command::new(&input.rustc);
    rustc
        .args(&call.arguments)
        .envs(call.environment.iter().cloned())
        .current_dir(folder)
        .stdin(Stdio::null());
    if is_timed {
        rustc
            .args(["-Zunstable-options", "--json=timings"])
            // For these two options; the code that is made is the same.
            .env("RUSTC_BOOTSTRAP", "1")
            .stderr(Stdio::piped());
    }
    let mut child = rustc
        .spawn()
        .with_context(|| format!("cannot start {}", input.rustc.display()))?;
    let link = child
        .stderr
        .take()
        .and_then(|stderr| pass_on(BufReader::new(stderr)));
    let code = child.wait()?.code();
    Ok((
        code.and_then(|code| u8::try_from(code).ok()).unwrap_or(101),
        link,
    ))
}

/// A line of rustc's about its own sections (The rustc book, `--json=timings`, unstable).
#[derive(Deserialize)]
struct Section {
    name: String,
    event: String,
    /// In microseconds.
    timestamp: f64,
}

/// Passes on all lines to stderr but those about rustc's sections; how long it linked.
fn pass_on(lines: impl BufRead) -> Option<f64> {
    let mut begin = None;
    let mut link = None;
    for line in lines.lines().map_while(Result::ok) {
        if !line.contains("\"section_timing\"") {
            // Nobody listens any more if this fails.
            let _ = writeln!(std::io::stderr(), "{line}");
            continue;
        }
        let section = serde_json::from_str::<Section>(&line).ok();
        match section.filter(|section| section.name == "link") {
            Some(section) if section.event == "start" => begin = Some(section.timestamp),
            Some(section) => link = begin.map(|begin| (section.timestamp - begin) / 1e6),
            None => {}
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_the_linker_is_found() {
        let lines = concat!(
            r#"{"$message_type":"section_timing","name":"codegen","event":"start","timestamp":100}"#,
            "\n",
            r#"{"$message_type":"section_timing","name":"link","event":"start","timestamp":2000}"#,
            "\n",
            r#"{"$message_type":"section_timing","name":"link","event":"end","timestamp":52000}"#,
        );
        assert_eq!(pass_on(lines.as_bytes()), Some(0.05));
        assert_eq!(pass_on(&b""[..]), None);
    }
}
