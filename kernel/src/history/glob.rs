//! Patterns of SQLite's GLOB, which IPython uses for history searches: `*` for any text, `?` for any character, and
//! `[abc]`, `[a-z]` and `[^abc]` for classes of characters.

use regex::Regex;

/// A pattern that must match the whole text.
pub struct Glob(Regex);

impl Glob {
    pub fn new(pattern: &str) -> Glob {
        let mut expression = String::from(r"(?s)\A");
        let mut rest = pattern;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            match letter {
                '*' => expression.push_str(".*"),
                '?' => expression.push('.'),
                '[' => match class(rest) {
                    Some((class, length)) => {
                        expression.push_str(&class);
                        rest = &rest[length..];
                    }
                    None => expression.push_str(r"\["),
                },
                _ => expression.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
            }
        }
        expression.push_str(r"\z");
        // A pattern that is too large for a regular expression is matched literally.
        let literal = || Regex::new(&format!(r"\A{}\z", regex::escape(pattern)));
        Glob(
            Regex::new(&expression)
                .or_else(|_| literal())
                .unwrap_or_else(|_| nothing()),
        )
    }

    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Returns the characters up to `]` as a class of a regular expression, and their length in `rest` with the `]`; `None`
/// without a `]`.
fn class(rest: &str) -> Option<(String, usize)> {
    let (negated, start) = match rest.strip_prefix('^') {
        Some(_) => (true, 1),
        None => (false, 0),
    };
    // A `]` in the first position is literal.
    let first = rest[start..].chars().next()?.len_utf8();
    let end = start + first + rest[start + first..].find(']')?;
    let mut class = String::from(if negated { "[^" } else { "[" });
    for letter in rest[start..end].chars() {
        if letter != '-' && !letter.is_alphanumeric() {
            class.push('\\');
        }
        class.push(letter);
    }
    class.push(']');
    Some((class, end + 1))
}

/// Matches no text.
fn nothing() -> Regex {
    Regex::new(r"[^\s\S]").expect("a valid expression")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::new(pattern).matches(text)
    }

    #[test]
    fn stars_and_question_marks() {
        assert!(matches("*", ""));
        assert!(matches("let *", "let x = 1;\nx"));
        assert!(matches("*spawn*", "thread::spawn(f)"));
        assert!(!matches("spawn", "thread::spawn(f)"));
        assert!(matches("a?c", "aßc"));
        assert!(!matches("a?c", "ac"));
    }

    #[test]
    fn classes() {
        assert!(matches("[abc]1", "b1"));
        assert!(matches("[a-c]1", "b1"));
        assert!(!matches("[^a-c]1", "b1"));
        assert!(matches("[]]", "]"));
        assert!(matches("vec![1*", "vec![1, 2]"));
    }

    #[test]
    fn other_characters_are_literal() {
        assert!(matches("a.b+(c)\\d", "a.b+(c)\\d"));
        assert!(!matches("a.b", "axb"));
        assert!(matches("[&&~~--]", "&"));
    }
}
