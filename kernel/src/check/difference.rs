//! A difference between stored and new outputs, as readable text.

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
    /// A unified diff.
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

/// Formats the difference as `diff -u` does. A last empty line stands for the newline at the end of the text.
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
