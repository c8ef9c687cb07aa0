//! The footnotes of one Markdown text: numbered as they are mentioned, and gathered at its end.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::html::escape;

/// The footnotes of a text, by their labels.
#[derive(Debug)]
pub struct Footnotes<'a> {
    /// Tells the texts of one page apart.
    text: usize,
    /// In the order of the first mention, with how often each is mentioned.
    mentioned: Vec<(String, usize)>,
    defined: Vec<(String, Vec<Event<'a>>)>,
}

impl<'a> Footnotes<'a> {
    /// Takes what the footnotes say out of `events`. `text` is the number of the text in its page.
    pub fn take(events: Vec<Event<'a>>, text: usize) -> (Vec<Event<'a>>, Self) {
        let mut defined: Vec<(String, Vec<Event>)> = Vec::new();
        let mut others = Vec::with_capacity(events.len());
        let mut depth = 0;
        for event in events {
            match event {
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    depth += 1;
                    defined.push((label.into_string(), Vec::new()));
                }
                Event::End(TagEnd::FootnoteDefinition) => depth -= 1,
                event if depth > 0 => {
                    if let Some((_, inside)) = defined.last_mut() {
                        inside.push(event);
                    }
                }
                event => others.push(event),
            }
        }
        let footnotes = Self {
            text,
            mentioned: Vec::new(),
            defined,
        };
        (others, footnotes)
    }

    /// The HTML of a mention of the footnote `label`.
    pub fn mention(&mut self, label: &str) -> String {
        let index = self.mentioned.iter().position(|(own, _)| own == label);
        let index = index.unwrap_or_else(|| {
            self.mentioned.push((label.to_owned(), 0));
            self.mentioned.len() - 1
        });
        self.mentioned[index].1 += 1;
        let (number, time) = (index + 1, self.mentioned[index].1);
        format!(
            "<sup class=\"footnote\"><a id=\"{}\" href=\"#{}\" aria-label=\"Footnote {number}\">{number}</a></sup>",
            self.place(number, time),
            self.target(number),
        )
    }

    /// All footnotes that are mentioned, as HTML. `render` makes the HTML of one; it may mention further ones.
    pub fn list(mut self, mut render: impl FnMut(Vec<Event<'a>>, &mut Self) -> String) -> String {
        let mut items = String::new();
        let mut number = 0;
        while let Some((label, _)) = self.mentioned.get(number).cloned() {
            let position = self.defined.iter().position(|(own, _)| *own == label);
            let events = position.map(|index| self.defined.swap_remove(index).1);
            let html = render(events.unwrap_or_default(), &mut self);
            number += 1;
            let _ = writeln!(items, "<li id=\"{}\">{html}", self.target(number));
            for time in 1..=self.mentioned[number - 1].1 {
                let place = self.place(number, time);
                let _ = write!(
                    items,
                    "<a class=\"back\" href=\"#{place}\" aria-label=\"Back to the text\">\u{21a9}\u{fe0e}</a> "
                );
            }
            items.push_str("</li>\n");
        }
        if items.is_empty() {
            return items;
        }
        format!(
            "<section class=\"footnotes\" aria-label=\"Footnotes\"><ol>\n{items}</ol></section>\n"
        )
    }

    fn target(&self, number: usize) -> String {
        escape(&format!("footnote-{}-{number}", self.text))
    }

    fn place(&self, number: usize, time: usize) -> String {
        format!("{}-from-{time}", self.target(number))
    }
}
