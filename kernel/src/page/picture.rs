//! The pictures of a Markdown text, inlined.

use percent_encoding::percent_decode_str;
use pulldown_cmark::{Event, Tag, TagEnd};
use serde_json::Value;

use super::html::escape;
use super::image::{Image, TYPES};
use super::plain_text::text_of;

/// Replaces each picture by an inlined one, or by a note where it is not part of the notebook.
pub fn with_pictures<'a>(events: Vec<Event<'a>>, attachments: Option<&Value>) -> Vec<Event<'a>> {
    let mut result = Vec::with_capacity(events.len());
    let mut events = events.into_iter();
    while let Some(event) = events.next() {
        let Event::Start(Tag::Image {
            dest_url, title, ..
        }) = event
        else {
            result.push(event);
            continue;
        };
        let mut depth = 1;
        let inside: Vec<Event> = events
            .by_ref()
            .take_while(|event| {
                match event {
                    Event::Start(Tag::Image { .. }) => depth += 1,
                    Event::End(TagEnd::Image) => depth -= 1,
                    _ => {}
                }
                depth > 0
            })
            .collect();
        let html = picture(&dest_url, &text_of(&inside), &title, attachments);
        result.push(Event::InlineHtml(html.into()));
    }
    result
}

fn picture(source: &str, alt: &str, title: &str, attachments: Option<&Value>) -> String {
    let image = match source.strip_prefix("attachment:") {
        Some(name) => attachments.and_then(|all| attachment(all, name)),
        None => Image::from_data_uri(source),
    };
    let Some(image) = image else {
        let source = if source.starts_with("data:") {
            "data"
        } else {
            source
        };
        return format!(
            "<span class=\"missing\" role=\"note\">Picture outside this page: {} ({})</span>",
            escape(alt),
            escape(source)
        );
    };
    let title = if title.is_empty() {
        String::new()
    } else {
        format!(" title=\"{}\"", escape(title))
    };
    image.html(alt, &title)
}

fn attachment(attachments: &Value, name: &str) -> Option<Image> {
    let decoded = percent_decode_str(name).decode_utf8_lossy();
    let bundle = attachments
        .get(name)
        .or_else(|| attachments.get(&*decoded))?;
    TYPES
        .into_iter()
        .find_map(|mime_type| Image::new(mime_type, &joined(bundle.get(mime_type)?)?))
}

/// A notebook file keeps a text as one string or as a list of lines.
fn joined(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => lines.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Parser, html::push_html};
    use serde_json::json;

    use super::*;

    fn render(source: &str, attachments: Value) -> String {
        let events = with_pictures(Parser::new(source).collect(), Some(&attachments));
        let mut html = String::new();
        push_html(&mut html, events.into_iter());
        html
    }

    #[test]
    fn attachments_are_inlined() {
        let attachments = json!({"my pic.png": {"image/png": "iVBORw0K"}});
        assert_eq!(
            render("![two *threads*](attachment:my%20pic.png)", attachments),
            "<p><img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" alt=\"two threads\"></p>\n"
        );
        let lines = json!({"a.svg": {"image/svg+xml": ["<svg ", "xmlns=''/>"]}});
        assert_eq!(
            render("![](attachment:a.svg)", lines),
            "<p><img class=\"paper\" src=\"data:image/svg+xml;base64,PHN2ZyB4bWxucz0nJy8+\" alt=\"\"></p>\n"
        );
    }

    #[test]
    fn a_picture_from_elsewhere_becomes_a_note() {
        assert_eq!(
            render("![a &lt;b>](https://example.com/x.png)", json!(null)),
            "<p><span class=\"missing\" role=\"note\">Picture outside this page: a &lt;b&gt; \
             (https://example.com/x.png)</span></p>\n"
        );
        assert_eq!(
            render("![x](attachment:none.png)", json!({"a.png": {}})),
            "<p><span class=\"missing\" role=\"note\">Picture outside this page: x \
             (attachment:none.png)</span></p>\n"
        );
    }
}
