//! What a cell shows, in one line of ours.

/// Returns the text between backticks: on one line, and without its middle if it is longer than this, in characters.
pub fn quoted(text: &str, max: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    // A backtick would end the quotation.
    let line = lines.join(" ⏎ ").replace('`', "'");
    format!("`{}`", without_middle(&line, max))
}

/// Returns the text without its middle if it is longer than this, in characters.
pub fn without_middle(text: &str, max: usize) -> String {
    let length = text.chars().count();
    if length <= max {
        return text.to_owned();
    }
    let kept = max - 1;
    let head: String = text.chars().take(kept - kept / 2).collect();
    let tail: String = text.chars().skip(length - kept / 2).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_line_without_its_middle() {
        assert_eq!(quoted("a `b`\n\nc \n", 20), "`a 'b' ⏎  ⏎ c`");
        assert_eq!(quoted("123456789", 8), "`1234…789`");
        assert_eq!(quoted("größe", 5), "`größe`");
        assert_eq!(quoted("", 5), "``");
    }
}
