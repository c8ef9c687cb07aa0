//! The footnotes of one Markdown text: numbered in the order of their references, and listed at the end.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::html::escape;

/// The footnotes of a text, by label.
#[derive(Debug)]
pub struct Footnotes<'a> {
    /// The number of the text in its page, so that footnotes of different texts have different ids.
    text: usize,
    /// Labels in the order of their first reference, each with its number of references.
    mentioned: Vec<(String, usize)>,
    defined: Vec<(String, Vec<Event<'a>>)>,
}

impl<'a> Footnotes<'a> {
    /// Removes the footnote definitions from `events`. `text` is the number of the text in its page.
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

    /// Returns the HTML of a reference to the footnote `label`.
    pub fn mention(&mut self, label: &str) -> String {
        let index = self.mentioned.iter().position(|(own, _)| own == label);
        let index = index.unwrap_or_else(|| {
            self.mentioned.push((label.to_owned(), 0));
            self.mentioned.len() - 1
        });
        self.mentioned[index].1 += 1;
        let (number, occurrence) = (index + 1, self.mentioned[index].1);
        format!(
            "<sup class=\"footnote\"><a id=\"{}\" href=\"#{}\" aria-label=\"Footnote {number}\">{number}</a></sup>",
            self.reference_id(number, occurrence),
            self.target(number),
        )
    }

    /// Returns all referenced footnotes as HTML. `render` renders one of them, which may refer to others.
    pub fn list(mut self, mut render: impl FnMut(Vec<Event<'a>>, &mut Self) -> String) -> String {
        let mut items = String::new();
        let mut number = 0;
        while let Some((label, _)) = self.mentioned.get(number).cloned() {
            let position = self.defined.iter().position(|(own, _)| *own == label);
            let events = position.map(|index| self.defined.swap_remove(index).1);
            let html = render(events.unwrap_or_default(), &mut self);
            number += 1;
            let _ = writeln!(items, "<li id=\"{}\">{html}", self.target(number));
            for occurrence in 1..=self.mentioned[number - 1].1 {
                let reference_id = self.reference_id(number, occurrence);
                let _ = write!(
                    items,
                    "<a class=\"back\" href=\"#{reference_id}\" aria-label=\"Back to the text\">\u{21a9}\u{fe0e}</a> "
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

    fn reference_id(&self, number: usize, occurrence: usize) -> String {
        format!("{}-from-{occurrence}", self.target(number))
    }
}
