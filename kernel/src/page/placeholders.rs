//! Placeholders: protect HTML that the page generates while the text around it is sanitized.

use super::tags::{Piece, pieces};

/// Noncharacters: Unicode reserves them for use inside a program.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// The generated parts of one text. A placeholder stands for each: the sanitizer leaves it alone, and no notebook can
/// write one.
#[derive(Debug, Default)]
pub struct Placeholders {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    html: String,
    source: String,
}

impl Placeholders {
    /// Returns `text` without anything that could be taken for a placeholder.
    pub fn without_marks(text: &str) -> String {
        text.replace([OPEN, CLOSE], "\u{fffd}")
    }

    /// Returns a placeholder for `html`; `source` is the notebook's text that it replaces.
    pub fn mark(&mut self, html: String, source: &str) -> String {
        self.parts.push(Part {
            html,
            source: source.to_owned(),
        });
        format!("{OPEN}{}{CLOSE}", self.parts.len() - 1)
    }

    /// Returns `text` with each placeholder replaced by the original text.
    pub fn with_sources(&self, text: &str) -> String {
        self.replaced(text, |part| &part.source)
    }

    /// Returns `html` with each placeholder in text replaced by its HTML. Placeholders in tags are removed: the HTML
    /// would end the tag.
    pub fn with_html(&self, html: &str) -> String {
        pieces(html)
            .map(|piece| match piece {
                Piece::Text(text) => self.replaced(text, |part| &part.html),
                Piece::Tag(tag) => self.replaced(tag.source(), |_| ""),
            })
            .collect()
    }

    fn replaced<'a>(&'a self, text: &str, with: impl Fn(&'a Part) -> &'a str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            replaced.push_str(before);
            let Some((number, after)) = after.split_once(CLOSE) else {
                rest = after;
                break;
            };
            let part = number
                .parse()
                .ok()
                .and_then(|index: usize| self.parts.get(index));
            replaced.push_str(part.map_or("", &with));
            rest = after;
        }
        replaced.push_str(rest);
        replaced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_filled_in_a_text_and_not_in_a_tag() {
        let mut placeholders = Placeholders::default();
        let mark = placeholders.mark("<b title=\"x\">".to_owned(), "$x$");
        assert_eq!(
            placeholders.with_html(&format!("<p title=\"a{mark}b\">c{mark}d</p>{mark}")),
            "<p title=\"ab\">c<b title=\"x\">d</p><b title=\"x\">"
        );
        assert_eq!(placeholders.with_sources(&format!("a{mark}b")), "a$x$b");
    }

    #[test]
    fn a_notebook_cannot_write_a_mark() {
        let mut placeholders = Placeholders::default();
        let mark = placeholders.mark("<b>".to_owned(), "x");
        let text = Placeholders::without_marks(&format!("{mark}\u{fdd0}"));
        assert_eq!(placeholders.with_html(&text), text);
        assert_eq!(placeholders.with_html("a\u{fdd0}9\u{fdd1}b"), "ab");
        assert_eq!(placeholders.with_html("a\u{fdd0}9"), "a9");
    }
}
