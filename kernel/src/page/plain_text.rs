//! What is left of Markdown when its markup is taken away: headings' names, pictures' descriptions.

use pulldown_cmark::{Event, TagEnd};

/// The plain text of `events` up to the first `end`.
pub fn text_until(events: &[Event], end: TagEnd) -> String {
    let length = events.iter().position(|event| *event == Event::End(end));
    text_of(&events[..length.unwrap_or(events.len())])
        .trim()
        .to_owned()
}

/// The plain text of `events`.
pub fn text_of(events: &[Event]) -> String {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => Some(text.as_ref()),
            Event::SoftBreak | Event::HardBreak => Some(" "),
            _ => None,
        })
        .collect()
}
