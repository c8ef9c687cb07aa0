//! Whether a cell is watched: the kernel records what its threads do.

use super::commands::names;
use crate::ipc::{TRACE_VAR, WATCH_VAR};

/// Whether the cell, or the runner for all cells, asks for a picture of what its threads do.
pub fn is_drawn(code: &str) -> bool {
    asks_for_picture(code) || std::env::var_os(WATCH_VAR).is_some()
}

/// Whether it is recorded what the cell's threads do.
pub fn is_watched(code: &str) -> bool {
    is_drawn(code) || std::env::var_os(TRACE_VAR).is_some()
}

/// A cell asks by a comment as its first line, which other kernels skip, or by a command.
fn asks_for_picture(code: &str) -> bool {
    let first = code.lines().map(str::trim).find(|line| !line.is_empty());
    let comment = first.and_then(|line| line.strip_prefix("//:"));
    comment.is_some_and(|rest| rest.trim() == "watch") || names(code).any(|name| name == ":watch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_or_a_command_asks() {
        for code in ["//: watch\nf();", "\n  //:watch\nf();", ":watch\nf();"] {
            assert!(asks_for_picture(code), "{code}");
        }
        for code in [
            "// watch\nf();",
            "f();\n//: watch",
            "//: watching",
            "\":watch\"",
        ] {
            assert!(!asks_for_picture(code), "{code}");
        }
    }
}
