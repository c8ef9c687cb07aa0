//! A difference between stored and new outputs, as readable text.

use std::time::Duration;

use serde::Serialize;
use similar::TextDiff;

/// A difference in a part of a cell's outputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// `stdout`, `stderr`, `result: text/plain`, `error` and so on; `output` for a property, which covers several
    /// parts.
    pub part: String,
    /// What differs, in one line.
    pub reason: String,
    /// A unified diff; a long one is cut.
    pub diff: String,
}

impl Difference {
    /// Returns the difference between these lines.
    pub fn between(part: &str, stored: &[String], new: &[String]) -> Self {
        let reason = match (stored.is_empty(), new.is_empty()) {
            (true, false) => format!("{part} is new"),
            (false, true) => format!("{part} is missing"),
            _ => format!("{part} differs"),
        };
        Self {
            part: part.to_owned(),
            reason,
            diff: unified(stored, new),
        }
    }
}

/// The longest diff that a person reads, in lines.
const MAX_LINES: usize = 100;

/// The longest line in a diff, in characters.
const MAX_WIDTH: usize = 400;

/// How long the search for the shortest diff may take. After that, a longer one does.
const DIFF_TIMEOUT: Duration = Duration::from_secs(1);

/// Formats the difference as `diff -u` does, cut to a readable length. A last empty line stands for the newline at the end of
/// the text.
fn unified(stored: &[String], new: &[String]) -> String {
    let (stored, new) = (stored.join("\n"), new.join("\n"));
    let diff = TextDiff::configure()
        .timeout(DIFF_TIMEOUT)
        .diff_lines(&*stored, &*new);
    let text = diff.unified_diff().header("stored", "now").to_string();
    shortened(&text)
}

/// Returns the first lines of a diff, each cut to a readable width, and how many follow.
fn shortened(diff: &str) -> String {
    let mut text = String::new();
    let mut lines = diff.lines();
    for line in lines.by_ref().take(MAX_LINES) {
        match line.char_indices().nth(MAX_WIDTH) {
            Some((end, _)) => text.push_str(&format!("{}…\n", &line[..end])),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    match lines.count() {
        0 => {}
        1 => text.push_str("… and 1 more line\n"),
        rest => text.push_str(&format!("… and {rest} more lines\n")),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split('\n').map(str::to_owned).collect()
    }

    #[test]
    fn a_difference_is_a_unified_diff() {
        let difference = Difference::between("stdout", &lines("a\nb\nc\n"), &lines("a\nB\nc\n"));
        assert_eq!(difference.reason, "stdout differs");
        assert_eq!(
            difference.diff,
            "--- stored\n+++ now\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
        );
    }

    #[test]
    fn a_flood_is_cut() {
        let flood: Vec<String> = (0..800_000)
            .map(|number| format!("line {number}"))
            .collect();
        let diff = Difference::between("stdout", &lines("a\n"), &flood).diff;
        assert!(
            diff.lines().count() == MAX_LINES + 1 && diff.len() < 3000,
            "{diff}"
        );
        let rest = diff.lines().last().unwrap();
        assert!(
            rest.starts_with("… and 7999") && rest.ends_with(" more lines"),
            "{rest}"
        );

        let wide = Difference::between("stdout", &[], &["ä".repeat(10_000)]).diff;
        assert!(
            wide.lines()
                .all(|line| line.chars().count() <= MAX_WIDTH + 1),
            "{wide}"
        );
    }

    #[test]
    fn a_missing_newline_is_reported() {
        let difference = Difference::between("stdout", &lines("a\n"), &lines("a"));
        assert!(
            difference.diff.contains("No newline"),
            "{}",
            difference.diff
        );
    }

    #[test]
    fn the_reason_says_missing_or_new() {
        let present = lines("a");
        assert_eq!(
            Difference::between("error", &[], &present).reason,
            "error is new"
        );
        assert_eq!(
            Difference::between("error", &present, &[]).reason,
            "error is missing"
        );
    }
}
