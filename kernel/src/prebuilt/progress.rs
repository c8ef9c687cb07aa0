//! The progress of a cargo build, from its JSON messages.

use serde_json::Value;
use std::collections::HashSet;
use std::io::BufRead;
use std::time::Instant;

/// Counts finished crates in cargo's JSON messages, and collects the compiler's messages.
pub struct BuildProgress {
    what: &'static str,
    begin: Instant,
    total: usize,
    done: HashSet<String>,
    complaints: String,
}

impl BuildProgress {
    /// Creates the progress of a build: `what` is its name, `total` its number of crates.
    pub fn new(what: &'static str, total: usize) -> BuildProgress {
        BuildProgress {
            what,
            begin: Instant::now(),
            total,
            done: HashSet::new(),
            complaints: String::new(),
        }
    }

    /// Reads all messages; `show` gets a line for each finished crate, and `take` the messages about crates and build
    /// scripts.
    pub fn follow(
        &mut self,
        messages: impl BufRead,
        mut show: impl FnMut(&str),
        mut take: impl FnMut(&Value),
    ) {
        for line in messages.lines().map_while(Result::ok) {
            let Ok(message) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            match message["reason"].as_str() {
                Some("compiler-artifact") => {
                    // A crate with a build script has two artifacts.
                    self.done.insert(
                        message["package_id"]
                            .as_str()
                            .unwrap_or_default()
                            .to_owned(),
                    );
                    take(&message);
                    let name = message["target"]["name"].as_str().unwrap_or_default();
                    show(&self.line(name));
                }
                Some("build-script-executed") => take(&message),
                Some("compiler-message") => {
                    let text = message["message"]["rendered"].as_str().unwrap_or_default();
                    self.complaints.push_str(text);
                }
                _ => {}
            }
        }
    }

    pub fn complaints(&self) -> &str {
        &self.complaints
    }

    /// Returns the progress line after the crate `name`, or with an empty name at the start.
    pub fn line(&self, name: &str) -> String {
        let task = format!("Building {}", self.what);
        let line = line(&task, self.done.len(), self.total, name);
        match self.begin.elapsed().as_secs() {
            0 => line,
            seconds => format!("{line} ({seconds} s)"),
        }
    }
}

/// Returns a line with a progress bar for a one-time task: `done` of `total` steps are finished, the last one is
/// `name`.
pub fn line(task: &str, done: usize, total: usize, name: &str) -> String {
    const WIDTH: usize = 24;
    let total = total.max(done).max(1);
    let full = WIDTH * done / total;
    format!(
        "{task}, once: [{}{}] {done}/{total} {name}",
        "#".repeat(full),
        "-".repeat(WIDTH - full),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_a_bar() {
        assert_eq!(
            line("Installing JupyterLab", 1, 4, "anyio"),
            "Installing JupyterLab, once: [######------------------] 1/4 anyio"
        );
    }

    #[test]
    fn crates_are_counted_and_complaints_kept() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","package_id":"a","target":{"name":"libc"}}"#,
            "\nno json\n",
            r#"{"reason":"compiler-message","message":{"rendered":"error: no\n"}}"#,
            "\n",
            r#"{"reason":"compiler-artifact","package_id":"b","target":{"name":"rayon"}}"#,
        );
        let mut progress = BuildProgress::new("the helper crate", 4);
        let mut lines = Vec::new();
        progress.follow(
            messages.as_bytes(),
            |line| lines.push(line.to_owned()),
            |_| (),
        );
        assert_eq!(
            lines,
            [
                "Building the helper crate, once: [######------------------] 1/4 libc",
                "Building the helper crate, once: [############------------] 2/4 rayon",
            ]
        );
        assert_eq!(progress.complaints(), "error: no\n");
    }
}
