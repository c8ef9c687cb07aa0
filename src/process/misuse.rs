//! The errors of a call that Python answers with an AssertionError or a ValueError.

use std::io;

/// The text of Python's error, as an error of kind `InvalidInput`.
pub(super) fn misuse(rule: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, rule)
}
