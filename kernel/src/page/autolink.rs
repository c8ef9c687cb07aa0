//! Turns bare URLs in a text into links.

use std::sync::LazyLock;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};
use regex::Regex;

/// As in GitHub's Markdown: from the scheme to the next white space or `<`.
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bhttps?://[A-Za-z0-9\[][^\s<\x{fdd0}]*").ok());

/// Returns `events` with a link around each URL that is not in one yet.
pub fn linked(events: Vec<Event>) -> Vec<Event> {
    let mut result = Vec::with_capacity(events.len());
    let mut depth = 0;
    for event in merged(events) {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => depth += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => depth -= 1,
            Event::Text(text) if depth == 0 && text.contains("://") => {
                result.extend(split(text));
                continue;
            }
            _ => {}
        }
        result.push(event);
    }
    result
}

/// Joins adjacent texts: the parser splits them at characters that could be markup, such as the `_` in a URL.
fn merged(events: Vec<Event>) -> Vec<Event> {
    let mut result: Vec<Event> = Vec::with_capacity(events.len());
    for event in events {
        match (result.last_mut(), event) {
            (Some(Event::Text(before)), Event::Text(text)) => {
                *before = format!("{before}{text}").into();
            }
            (_, event) => result.push(event),
        }
    }
    result
}

fn split<'a>(text: &str) -> Vec<Event<'a>> {
    let plain = |text: &str| Event::Text(CowStr::from(text.to_owned()));
    let mut result = Vec::new();
    let mut start = 0;
    for found in ADDRESS.iter().flat_map(|address| address.find_iter(text)) {
        let address = without_end(found.as_str());
        let target = CowStr::from(address.to_owned());
        result.extend([
            plain(&text[start..found.start()]),
            Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: target,
                title: "".into(),
                id: "".into(),
            }),
            plain(address),
            Event::End(TagEnd::Link),
        ]);
        start = found.start() + address.len();
    }
    result.push(plain(&text[start..]));
    result
}

/// Returns the URL without trailing punctuation that belongs to the sentence.
fn without_end(mut address: &str) -> &str {
    loop {
        let trimmed =
            address.trim_end_matches(['.', ',', ':', ';', '!', '?', '"', '\'', '*', '_', '~']);
        let opened = trimmed.matches('(').count();
        let shorter = match trimmed.strip_suffix(')') {
            Some(shorter) if trimmed.matches(')').count() > opened => shorter,
            _ => trimmed,
        };
        if shorter.len() == address.len() {
            return address;
        }
        address = shorter;
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Parser, html::push_html};

    use super::*;

    fn render(source: &str) -> String {
        let mut html = String::new();
        push_html(&mut html, linked(Parser::new(source).collect()).into_iter());
        html
    }

    #[test]
    fn an_address_becomes_a_link() {
        for (source, address) in [
            (
                "https://example.com/a_b_c?d=e*f&g",
                "https://example.com/a_b_c?d=e*f&amp;g",
            ),
            (
                "(see http://example.com/x_(y)).",
                "http://example.com/x_(y)",
            ),
            ("https://example.com, and", "https://example.com"),
            ("**https://example.com**", "https://example.com"),
        ] {
            let link = format!("<a href=\"{address}\">{address}</a>");
            assert!(render(source).contains(&link), "{}", render(source));
        }
    }

    #[test]
    fn what_is_linked_or_code_or_no_address_stays() {
        for source in [
            "[https://a.b](x)",
            "`https://a.b`",
            "    https://a.b",
            "http:// a",
            "xhttps://",
            "ftp://a.b",
        ] {
            let mut html = String::new();
            push_html(&mut html, Parser::new(source));
            assert_eq!(render(source), html);
        }
    }
}
