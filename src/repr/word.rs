//! Words: from Rust's `Debug` text to Python's.

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Translates the word at the start of `rest`, with the apostrophes in it, so that `don't` does not open a character.
/// Returns its length in bytes and Python's form.
pub(super) fn literal(rest: &str) -> (usize, String) {
    let end = rest
        .find(|c| !(is_word(c) || c == '\''))
        .unwrap_or(rest.len());
    let python = match &rest[..end] {
        "true" => "True",
        "false" => "False",
        "NaN" => "nan",
        other => other,
    };
    (end, python.into())
}
