//! Parts of the page's own making that stand in a text while it is cleaned.

use super::tags::{Piece, pieces};

/// Characters that are none: Unicode keeps them for use inside of a program.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// The parts of one text. Each is stood for by a mark, which the cleaning leaves alone and which no notebook can write.
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
    /// A text of which no part can be taken for a mark.
    pub fn without_marks(text: &str) -> String {
        text.replace([OPEN, CLOSE], "\u{fffd}")
    }

    /// The mark for `html`; `source` is what the notebook has in its place.
    pub fn mark(&mut self, html: String, source: &str) -> String {
        self.parts.push(Part {
            html,
            source: source.to_owned(),
        });
        format!("{OPEN}{}{CLOSE}", self.parts.len() - 1)
    }

    /// `text` with the notebook's own words in the place of each mark.
    pub fn restored(&self, text: &str) -> String {
        self.replaced(text, |part| &part.source)
    }

    /// `html` with the parts. Only a mark that stands in a text is filled, for in a tag a part would end the tag.
    pub fn filled(&self, html: &str) -> String {
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
        let mut slots = Placeholders::default();
        let mark = slots.mark("<b title=\"x\">".to_owned(), "$x$");
        assert_eq!(
            slots.filled(&format!("<p title=\"a{mark}b\">c{mark}d</p>{mark}")),
            "<p title=\"ab\">c<b title=\"x\">d</p><b title=\"x\">"
        );
        assert_eq!(slots.restored(&format!("a{mark}b")), "a$x$b");
    }

    #[test]
    fn a_notebook_cannot_write_a_mark() {
        let mut slots = Placeholders::default();
        let mark = slots.mark("<b>".to_owned(), "x");
        let text = Placeholders::without_marks(&format!("{mark}\u{fdd0}"));
        assert_eq!(slots.filled(&text), text);
        assert_eq!(slots.filled("a\u{fdd0}9\u{fdd1}b"), "ab");
        assert_eq!(slots.filled("a\u{fdd0}9"), "a9");
    }
}
