//! Inlines the pictures of a text.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::folder::Folder;
use super::html::escape;
use super::image::{Image, TYPES};
use super::tags::Tag;

/// Where the pictures of a text may come from, besides the text itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// The cell's attachments: for each picture's name, its content by MIME type.
    pub attachments: Option<&'a Value>,
    /// The notebook's directory.
    pub folder: Option<&'a Folder>,
}

/// Returns the HTML for an `<img>`: the picture, or a note if it cannot be inlined.
pub fn picture(tag: &Tag, sources: Sources) -> String {
    let source = tag.attribute("src").unwrap_or_default();
    let alt = tag.attribute("alt").unwrap_or_default();
    let Some(image) = find(&source, sources) else {
        return missing(&source, &alt);
    };
    image.html(
        &alt,
        &tag.attributes_without(&["src", "alt", "class", "id"]),
    )
}

fn find(source: &str, sources: Sources) -> Option<Image> {
    if let Some(name) = source.strip_prefix("attachment:") {
        return attachment(sources.attachments?, name);
    }
    Image::from_data_uri(source).or_else(|| sources.folder?.image(source))
}

fn missing(source: &str, alt: &str) -> String {
    let what = if alt.is_empty() { "Picture" } else { alt };
    let is_remote = ["http://", "https://"]
        .iter()
        .any(|scheme| source.starts_with(scheme));
    let location = if is_remote {
        format!(
            "<a href=\"{0}\" rel=\"noopener noreferrer\">{0}</a>",
            escape(source)
        )
    } else if source.starts_with("data:") {
        "not a picture".to_owned()
    } else {
        escape(source)
    };
    format!(
        "<span class=\"missing\" role=\"note\"><span class=\"alt\">{}</span> \
         <span class=\"where\">(not in this page: {location})</span></span>",
        escape(what)
    )
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

/// Joins a text that a notebook file stores as one string or as a list of lines.
fn joined(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => lines.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tags::{Piece, pieces};
    use super::*;

    fn shown(html: &str, attachments: Value) -> String {
        let Some(Piece::Tag(tag)) = pieces(html).next() else {
            panic!("no tag: {html}")
        };
        let sources = Sources {
            attachments: Some(&attachments),
            folder: None,
        };
        picture(&tag, sources)
    }

    #[test]
    fn attachments_are_inlined() {
        let attachments = json!({"my pic.png": {"image/png": "iVBORw0K"}});
        assert_eq!(
            shown(
                "<img src=\"attachment:my%20pic.png\" alt=\"two &quot;threads&quot;\" width=\"9\">",
                attachments
            ),
            "<img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" \
             alt=\"two &quot;threads&quot;\" width=\"9\">"
        );
        let lines = json!({"a.svg": {"image/svg+xml": ["<svg ", "xmlns=''/>"]}});
        assert_eq!(
            shown("<img src=\"attachment:a.svg\">", lines),
            "<img class=\"paper\" src=\"data:image/svg+xml;base64,PHN2ZyB4bWxucz0nJy8+\" alt=\"\">"
        );
    }

    #[test]
    fn a_picture_from_elsewhere_becomes_a_note() {
        assert_eq!(
            shown(
                "<img src=\"https://example.com/x.png?a&amp;b\" alt=\"a &lt;b&gt;\">",
                json!(null)
            ),
            "<span class=\"missing\" role=\"note\"><span class=\"alt\">a &lt;b&gt;</span> \
             <span class=\"where\">(not in this page: \
             <a href=\"https://example.com/x.png?a&amp;b\" rel=\"noopener noreferrer\">\
             https://example.com/x.png?a&amp;b</a>)</span></span>"
        );
        for source in ["attachment:none.png", "javascript:alert(1)", "x.png", ""] {
            let html = shown(&format!("<img src=\"{source}\">"), json!({"a.png": {}}));
            assert!(
                html.contains(&format!("(not in this page: {source})")),
                "{html}"
            );
        }
        assert!(
            shown("<img src=\"data:text/html;base64,AA==\">", json!(null))
                .contains("not a picture")
        );
    }
}
