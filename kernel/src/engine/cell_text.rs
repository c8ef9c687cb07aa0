//! The text of a cell, before it is parsed.

use super::cell::words;
use std::borrow::Cow;

/// Names in the helper that need its network library.
const NETWORK_NAMES: [&str; 3] = ["requests", "youtube", "YouTube"];

/// Normalizes `code` as rustc does: removes a byte order mark, replaces CRLF by LF, and ignores a line that begins with `#!`,
/// which becomes a comment (The Rust Reference, "Input format").
pub fn normalized(code: &str) -> Cow<'_, str> {
    let code = code.strip_prefix('\u{feff}').unwrap_or(code);
    if let Some(line) = code.strip_prefix("#!")
        && !line.trim_start().starts_with('[')
    {
        return format!("//{line}").replace("\r\n", "\n").into();
    }
    if code.contains("\r\n") {
        code.replace("\r\n", "\n").into()
    } else {
        code.into()
    }
}

/// Whether the cell names something that needs the helper's network library. A cell that only calls a function of an earlier
/// cell does not, but that cell did.
pub fn names_network(code: &str) -> bool {
    words(code).any(|word| NETWORK_NAMES.contains(&word))
}
