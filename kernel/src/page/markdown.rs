//! Renders Markdown as HTML: typesets formulas, highlights code, inlines pictures, gives every heading an anchor, and
//! sanitizes embedded HTML.

use std::collections::HashSet;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html::push_html};
use serde::Serialize;

use super::autolink::linked;
use super::clean::clean_text;
use super::code;
use super::display_math;
use super::footnotes::Footnotes;
use super::html::escape;
use super::math::{FormulaKind, formula};
use super::picture::{Sources, picture};
use super::placeholders::Placeholders;
use super::table_math::with_named_bars;
use super::tags::{Piece, Tag as HtmlTag, pieces, visible_text};

/// A heading, for the table of contents.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// From 1 to 6.
    pub level: u8,
    pub anchor: String,
    pub text: String,
    /// The text with its formulas; or the alternative texts of its pictures, if it has nothing else.
    pub html: String,
}

/// The state that all Markdown texts of one page share.
#[derive(Default)]
pub struct Markdown {
    /// All headings so far, in order.
    pub headings: Vec<Heading>,
    /// Whether the notebook's HTML is kept unchanged.
    trust: bool,
    ids: HashSet<String>,
    texts: usize,
    /// The headings that the next one may be nested in: the level and depth of each.
    parents: Vec<(u8, u8)>,
}

impl Markdown {
    /// Creates the state of a page on which the element ids `taken` are already used. With `trust`, HTML in a text is
    /// not sanitized.
    pub fn new(taken: impl IntoIterator<Item = String>, trust: bool) -> Self {
        Self {
            ids: taken.into_iter().collect(),
            trust,
            ..Self::default()
        }
    }

    /// Renders one cell or output, with pictures from `sources`.
    pub fn render(&mut self, source: &str, sources: Sources) -> String {
        self.texts += 1;
        let mut placeholders = Placeholders::default();
        let source = with_named_bars(&Placeholders::without_marks(source));
        let source = display_math::with_placeholders(&source, &mut placeholders);
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_MATH;
        let events = linked(Parser::new_ext(&source, options).collect());
        let (events, mut footnotes) = Footnotes::take(events, self.texts);
        let body = self.html(events, &mut placeholders, &mut footnotes, sources);
        let notes = footnotes
            .list(|events, footnotes| self.html(events, &mut placeholders, footnotes, sources));
        body + &notes
    }

    fn html(
        &mut self,
        events: Vec<Event>,
        placeholders: &mut Placeholders,
        footnotes: &mut Footnotes,
        sources: Sources,
    ) -> String {
        let mut html = String::new();
        push_html(
            &mut html,
            with_marks(events, placeholders, footnotes).into_iter(),
        );
        if !self.trust {
            html = clean_text(&html);
        }
        let html = self.with_ids(&html, placeholders, sources);
        placeholders.with_html(&html)
    }

    /// Gives each heading an id, removes duplicate ids, and inlines the pictures.
    fn with_ids(&mut self, html: &str, placeholders: &Placeholders, sources: Sources) -> String {
        let all: Vec<Piece> = pieces(html).collect();
        let mut result = String::with_capacity(html.len());
        let mut open: Option<(String, String)> = None;
        for (index, piece) in all.iter().enumerate() {
            let tag = match piece {
                Piece::Text(text) => {
                    result.push_str(text);
                    continue;
                }
                Piece::Tag(tag) => tag,
            };
            if tag.opens("img") {
                result.push_str(&self.picture(tag, sources));
            } else if let Some(level) = tag.heading() {
                let name = format!("h{level}");
                let inside = all[index + 1..]
                    .iter()
                    .take_while(|piece| !matches!(piece, Piece::Tag(tag) if tag.closes(&name)));
                let inside: Vec<&Piece> = inside.collect();
                let visible = visible_text(inside.iter().copied());
                let text = placeholders.with_sources(&visible);
                let html = match visible.is_empty() {
                    true => escape(&alternatives(&inside)),
                    false => placeholders.with_html(&escape(&visible)),
                };
                let id = self.heading(level, tag.attribute("id"), text, html);
                let others = tag.attributes_without(&["id"]) + &self.depth(level);
                result.push_str(&format!("<{name} id=\"{}\"{others}>", escape(&id)));
                open = Some((name, id));
            } else {
                if let Some((_, id)) = open.take_if(|(name, _)| tag.closes(name)) {
                    result.push_str(&link_to(&id));
                }
                let own = self.with_own_id(tag);
                if is_bare_link(tag, all.get(index + 1)) {
                    result.push_str(&own.replacen("<a", "<a class=\"bare\"", 1));
                } else {
                    result.push_str(&own);
                }
            }
        }
        result
    }

    /// Renders a picture. In a trusted notebook it may also come from the network.
    fn picture(&self, tag: &HtmlTag, sources: Sources) -> String {
        let source = tag.attribute("src").unwrap_or_default();
        if self.trust && source.starts_with("https://") {
            tag.source().to_owned()
        } else {
            picture(tag, sources)
        }
    }

    /// Records a heading and returns its id. `own` is the id that the text gives it.
    fn heading(&mut self, level: u8, own: Option<String>, text: String, html: String) -> String {
        let anchor = self.free_id(own.as_deref().unwrap_or(&text));
        self.headings.push(Heading {
            level,
            anchor: anchor.clone(),
            text,
            html,
        });
        anchor
    }

    /// Returns the depth of a heading as an attribute, if it differs from its level: authors skip levels for the look,
    /// and gaps mislead users of screen readers.
    fn depth(&mut self, level: u8) -> String {
        self.parents.retain(|(parent, _)| *parent < level);
        // The outermost heading is the title.
        let depth = self
            .parents
            .last()
            .map_or(level.min(2), |(_, depth)| depth + 1);
        self.parents.push((level, depth));
        if depth == level {
            String::new()
        } else {
            format!(" aria-level=\"{depth}\"")
        }
    }

    /// Returns an unused id by JupyterLab's rule, the text with `-` for each space, so that links inside the notebook
    /// work in both.
    fn free_id(&mut self, text: &str) -> String {
        let base: String = text.split_whitespace().collect::<Vec<_>>().join("-");
        let base = if base.is_empty() {
            "section".to_owned()
        } else {
            base
        };
        let mut id = base.clone();
        let mut number = 1;
        while !self.ids.insert(id.clone()) {
            number += 1;
            id = format!("{base}-{number}");
        }
        id
    }

    fn with_own_id(&mut self, tag: &HtmlTag) -> String {
        match tag.attribute("id") {
            Some(id) if !self.ids.insert(id.clone()) => tag.without(&["id"]),
            _ => tag.source().to_owned(),
        }
    }
}

/// Returns the alternative texts of pictures.
fn alternatives(pieces: &[&Piece]) -> String {
    let pictures = pieces.iter().filter_map(|piece| match piece {
        Piece::Tag(tag) if tag.opens("img") => tag.attribute("alt"),
        _ => None,
    });
    pictures.collect::<Vec<_>>().join(" ")
}

/// Whether a link's text is its URL, so that the URL is not repeated in print.
fn is_bare_link(tag: &HtmlTag, next: Option<&Piece>) -> bool {
    let text = next.filter(|piece| matches!(piece, Piece::Text(_)));
    text.is_some_and(|text| tag.opens("a") && tag.attribute("href") == Some(visible_text([text])))
}

fn link_to(id: &str) -> String {
    format!(
        "<a class=\"anchor\" href=\"#{}\" aria-label=\"Link to this section\"></a>",
        escape(id)
    )
}

/// Replaces everything that the page generates by placeholders.
fn with_marks<'a>(
    events: Vec<Event<'a>>,
    placeholders: &mut Placeholders,
    footnotes: &mut Footnotes,
) -> Vec<Event<'a>> {
    let mut result = Vec::with_capacity(events.len());
    let mut in_picture = 0;
    let mut events = events.into_iter();
    while let Some(event) = events.next() {
        let event = match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let inside = events
                    .by_ref()
                    .take_while(|event| *event != Event::End(TagEnd::CodeBlock));
                let code = placeholders.with_sources(&text_of_code(inside));
                Event::Html(placeholders.mark(code_block(&code, &kind), &code).into())
            }
            Event::Start(Tag::Image { .. }) => {
                in_picture += 1;
                event
            }
            Event::End(TagEnd::Image) => {
                in_picture -= 1;
                event
            }
            // A picture's description is plain text.
            event if in_picture > 0 => event,
            Event::Code(code) => Event::Code(placeholders.with_sources(&code).into()),
            Event::InlineMath(tex) => Event::InlineHtml(
                placeholders
                    .mark(formula(&tex, FormulaKind::Inline), &tex)
                    .into(),
            ),
            Event::DisplayMath(tex) => Event::InlineHtml(
                placeholders
                    .mark(formula(&tex, FormulaKind::Display), &tex)
                    .into(),
            ),
            Event::TaskListMarker(done) => {
                Event::InlineHtml(placeholders.mark(task(done).to_owned(), "").into())
            }
            Event::FootnoteReference(label) => {
                Event::InlineHtml(placeholders.mark(footnotes.mention(&label), "").into())
            }
            event => event,
        };
        result.push(event);
    }
    result
}

fn code_block(code: &str, kind: &CodeBlockKind) -> String {
    let language = match kind {
        CodeBlockKind::Fenced(info) => info,
        CodeBlockKind::Indented => "",
    };
    let code = code::highlight(code.trim_end_matches('\n'), language);
    format!("<div class=\"code\"><pre><code>{code}</code></pre></div>")
}

fn text_of_code<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    events
        .filter_map(|event| match event {
            Event::Text(text) => Some(text.into_string()),
            _ => None,
        })
        .collect()
}

fn task(done: bool) -> &'static str {
    if done {
        "<input type=\"checkbox\" class=\"task\" checked disabled aria-label=\"Done\">"
    } else {
        "<input type=\"checkbox\" class=\"task\" disabled aria-label=\"Not done\">"
    }
}

#[cfg(test)]
mod tests;
