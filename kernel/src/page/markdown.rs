//! Markdown cells as HTML: every heading gets an anchor, pictures are inlined, raw HTML is inert.

use std::collections::HashSet;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};
use serde::Serialize;
use serde_json::Value;

use super::code;
use super::inert::inert;
use super::picture::with_pictures;
use super::plain_text::{text_of, text_until};

/// A heading, for the table of contents.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// From 1 to 6.
    pub level: u8,
    pub anchor: String,
    pub text: String,
}

/// What all Markdown of one page shares.
#[derive(Default)]
pub struct Markdown {
    /// All headings so far, in order.
    pub headings: Vec<Heading>,
    anchors: HashSet<String>,
    texts: usize,
}

impl Markdown {
    /// A page on which the element ids `taken` are used by others.
    pub fn with_taken_ids(taken: impl IntoIterator<Item = String>) -> Self {
        Self {
            anchors: taken.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The HTML of one cell or output. `attachments` is the cell's: a picture's name, then its
    /// content by MIME type.
    pub fn render(&mut self, source: &str, attachments: Option<&Value>) -> String {
        self.texts += 1;
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_MATH;
        let events: Vec<Event> = Parser::new_ext(source, options).collect();
        let events = inert(self.with_anchors(events));
        // From here on every HTML event is the page's own.
        let events = with_pictures(highlighted(events), attachments);
        let mut html = String::new();
        push_html(
            &mut html,
            events
                .into_iter()
                .map(|event| self.with_own_footnotes(event)),
        );
        html
    }

    /// Gives each heading an id that follows JupyterLab's rule, the text with `-` for each space,
    /// so that a link inside the notebook works in both.
    fn with_anchors<'a>(&mut self, mut events: Vec<Event<'a>>) -> Vec<Event<'a>> {
        for start in 0..events.len() {
            let Event::Start(Tag::Heading { level, .. }) = events[start] else {
                continue;
            };
            let text = text_until(&events[start..], TagEnd::Heading(level));
            let anchor = self.free_anchor(&text);
            self.headings.push(Heading {
                level: level as u8,
                anchor: anchor.clone(),
                text,
            });
            if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
                *id = Some(anchor.into());
            }
        }
        events
    }

    fn free_anchor(&mut self, text: &str) -> String {
        let base: String = text.split_whitespace().collect::<Vec<_>>().join("-");
        let base = if base.is_empty() {
            "section".to_owned()
        } else {
            base
        };
        let mut anchor = base.clone();
        let mut number = 1;
        while !self.anchors.insert(anchor.clone()) {
            number += 1;
            anchor = format!("{base}-{number}");
        }
        anchor
    }

    /// Two cells may use the same label for their footnotes.
    fn with_own_footnotes<'a>(&self, event: Event<'a>) -> Event<'a> {
        match event {
            Event::FootnoteReference(label) => Event::FootnoteReference(self.footnote(&label)),
            Event::Start(Tag::FootnoteDefinition(label)) => {
                Event::Start(Tag::FootnoteDefinition(self.footnote(&label)))
            }
            event => event,
        }
    }

    fn footnote<'a>(&self, label: &str) -> CowStr<'a> {
        format!("footnote-{}-{label}", self.texts).into()
    }
}

/// Replaces each code block by its coloured HTML.
fn highlighted(events: Vec<Event>) -> Vec<Event> {
    let mut result = Vec::with_capacity(events.len());
    let mut events = events.into_iter();
    while let Some(event) = events.next() {
        let Event::Start(Tag::CodeBlock(kind)) = event else {
            result.push(event);
            continue;
        };
        let language = match kind {
            CodeBlockKind::Fenced(info) => info,
            CodeBlockKind::Indented => "".into(),
        };
        let inside: Vec<Event> = events
            .by_ref()
            .take_while(|event| *event != Event::End(TagEnd::CodeBlock))
            .collect();
        let source = text_of(&inside);
        let code = code::highlight(source.trim_end_matches('\n'), &language);
        result.push(Event::Html(
            format!("<div class=\"code\"><pre><code>{code}</code></pre></div>\n").into(),
        ));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str) -> String {
        Markdown::default().render(source, None)
    }

    #[test]
    fn headings_get_anchors_that_are_never_used_twice() {
        let mut markdown = Markdown::with_taken_ids(["cell-A1".to_owned()]);
        assert_eq!(
            markdown.render("# Threads & `join`\n\n## cell-A1\n\n##\n", None),
            "<h1 id=\"Threads-&amp;-join\">Threads &amp; <code>join</code></h1>\n\
             <h2 id=\"cell-A1-2\">cell-A1</h2>\n<h2 id=\"section\"></h2>\n"
        );
        assert_eq!(
            markdown.render("### Threads & join", None),
            "<h3 id=\"Threads-&amp;-join-2\">Threads &amp; join</h3>\n"
        );
        let levels: Vec<_> = markdown
            .headings
            .iter()
            .map(|heading| heading.level)
            .collect();
        assert_eq!(levels, [1, 2, 2, 3]);
        assert_eq!(markdown.headings[0].text, "Threads & join");
    }

    #[test]
    fn tables_tasks_and_nested_lists() {
        assert_eq!(
            render("|a|b|\n|:-|-:|\n|1|~~2~~|"),
            "<table><thead><tr><th style=\"text-align: left\">a</th>\
             <th style=\"text-align: right\">b</th></tr></thead><tbody>\n\
             <tr><td style=\"text-align: left\">1</td>\
             <td style=\"text-align: right\"><del>2</del></td></tr>\n</tbody></table>\n"
        );
        assert_eq!(
            render("1. a\n   - [x] b\n     - c"),
            "<ol>\n<li>a\n<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\nb\n\
             <ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n</ol>\n"
        );
    }

    #[test]
    fn footnotes_of_two_cells_do_not_meet() {
        let mut markdown = Markdown::default();
        let first = markdown.render("a[^1]\n\n[^1]: note", None);
        let second = markdown.render("b[^1]\n\n[^1]: other", None);
        assert!(first.contains("href=\"#footnote-1-1\"") && first.contains("id=\"footnote-1-1\""));
        assert!(
            second.contains("href=\"#footnote-2-1\"") && second.contains("id=\"footnote-2-1\"")
        );
    }

    #[test]
    fn tags_in_the_description_of_a_picture_are_text() {
        assert_eq!(
            render("![a <b>](x.png) c</b>"),
            "<p><span class=\"missing\" role=\"note\">Picture outside this page: a &lt;b&gt; \
             (x.png)</span> c</p>\n"
        );
    }

    #[test]
    fn fenced_code_is_coloured() {
        assert_eq!(
            render("```rust\nlet\n```"),
            "<div class=\"code\"><pre><code><span class=\"k\">let</span></code></pre></div>\n"
        );
        assert_eq!(
            render("    </pre><script>"),
            "<div class=\"code\"><pre><code>&lt;/pre&gt;&lt;script&gt;</code></pre></div>\n"
        );
    }
}
