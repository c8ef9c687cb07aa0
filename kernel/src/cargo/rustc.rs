//! Calls rustc, and asks it how long it has linked if somebody wants to know.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::code_of;
use super::compilation::Call;
use super::input::Input;
use crate::ipc::TIMINGS_VAR;

/// What came of a call.
#[derive(Default, Serialize, Deserialize)]
pub struct Told {
    pub code: u8,
    /// Messages, a line each.
    pub stderr: String,
    /// How long the linker took, in seconds, if that was asked for.
    pub link: Option<f64>,
}

/// Calls rustc in this folder.
///
/// # Errors
/// When rustc cannot be started.
pub fn call(call: &Call, input: &Input, folder: &Path) -> Result<Told> {
    let mut rustc = Command::new(&input.rustc);
    rustc
        .args(&call.arguments)
        .envs(call.environment.iter().cloned())
        .current_dir(folder)
        .stdin(Stdio::null());
    if std::env::var_os(TIMINGS_VAR).is_some() {
        rustc
            .args(["-Zunstable-options", "--json=timings"])
            // For these two options; the code that is made is the same.
            .env("RUSTC_BOOTSTRAP", "1");
    }
    let told = rustc
        .output()
        .with_context(|| format!("cannot start {}", input.rustc.display()))?;
    let (stderr, link) = without_sections(&String::from_utf8_lossy(&told.stderr));
    Ok(Told {
        code: code_of(told.status),
        stderr,
        link,
    })
}

/// A line of rustc's about its own sections (The rustc book, `--json=timings`, unstable).
#[derive(Deserialize)]
struct Section {
    name: String,
    event: String,
    /// In microseconds.
    timestamp: f64,
}

/// All lines but those about rustc's sections; and how long it linked.
fn without_sections(lines: &str) -> (String, Option<f64>) {
    let mut others = String::new();
    let mut begin = None;
    let mut link = None;
    for line in lines.split_inclusive('\n') {
        if !line.contains("\"section_timing\"") {
            others.push_str(line);
            continue;
        }
        let section = serde_json::from_str::<Section>(line).ok();
        match section.filter(|section| section.name == "link") {
            Some(section) if section.event == "start" => begin = Some(section.timestamp),
            Some(section) => link = begin.map(|begin| (section.timestamp - begin) / 1e6),
            None => {}
        }
    }
    (others, link)
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
            "\n{\"$message_type\":\"diagnostic\"}\n",
        );
        assert_eq!(
            without_sections(lines),
            (
                "{\"$message_type\":\"diagnostic\"}\n".to_owned(),
                Some(0.05)
            )
        );
        assert_eq!(without_sections(""), (String::new(), None));
    }
}
