//! The columns that text takes in a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Truncates the text to what fits in `columns`.
pub(super) fn cut(mut text: String, columns: usize) -> String {
    let mut taken = 0;
    let too_far = text.char_indices().find(|(_, c)| {
        taken += c.width().unwrap_or(0);
        taken > columns
    });
    if let Some((at, _)) = too_far {
        text.truncate(at);
    }
    text
}
