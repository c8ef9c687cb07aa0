//! What is different in a cell, for people to read.

use serde::Serialize;
use similar::TextDiff;

/// A difference in a part of a cell's outputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// `stdout`, `stderr`, `result: text/plain`, `error` and so on; `output` where all are judged together.
    pub part: String,
    /// What is different, in words.
    pub reason: String,
    /// A unified diff.
    pub diff: String,
}

impl Difference {
    /// One between these lines.
    pub fn between(part: &str, stored: &[String], new: &[String]) -> Self {
        let reason = match (stored.is_empty(), new.is_empty()) {
            (true, false) => format!("{part} was not there"),
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

/// As `diff -u` shows it. A last empty line stands for the newline that ends the text.
fn unified(stored: &[String], new: &[String]) -> String {
    let (stored, new) = (stored.join("\n"), new.join("\n"));
    TextDiff::from_lines(&stored, &new)
        .unified_diff()
        .header("stored", "now")
        .to_string()
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
    fn a_newline_that_is_missing_is_told() {
        let difference = Difference::between("stdout", &lines("a\n"), &lines("a"));
        assert!(
            difference.diff.contains("No newline"),
            "{}",
            difference.diff
        );
    }

    #[test]
    fn what_is_missing_or_new_is_told() {
        let there = lines("a");
        assert_eq!(
            Difference::between("error", &[], &there).reason,
            "error was not there"
        );
        assert_eq!(
            Difference::between("error", &there, &[]).reason,
            "error is missing"
        );
    }
}
