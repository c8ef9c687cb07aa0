//! Patterns as SQLite's GLOB has them, which is what IPython searches with: `*` for any text, `?`
//! for any letter, `[abc]`, `[a-z]` and `[^abc]` for one of several.

use regex::Regex;

/// A pattern that a whole text has to match.
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
        // What is too long for an expression is taken as it is.
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

/// The letters up to `]`, as a class of a regular expression, and how long that is in `rest`;
/// `None` when there is no `]`.
fn class(rest: &str) -> Option<(String, usize)> {
    let (negated, start) = match rest.strip_prefix('^') {
        Some(_) => (true, 1),
        None => (false, 0),
    };
    // As the first letter `]` stands for itself.
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
    fn all_else_stands_for_itself() {
        assert!(matches("a.b+(c)\\d", "a.b+(c)\\d"));
        assert!(!matches("a.b", "axb"));
        assert!(matches("[&&~~--]", "&"));
    }
}
