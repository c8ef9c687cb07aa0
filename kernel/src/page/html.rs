//! Escapes text for HTML.

/// Escapes `text` for HTML content and for quoted attribute values alike.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

/// Appends `text` to `html`, escaped as by [`escape`].
pub fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // HTML has no NUL: a parser would replace or drop it.
            '\0' => html.push('\u{fffd}'),
            _ => html.push(c),
        }
    }
}

/// Escapes `text`, and makes code of what stands between backticks.
pub fn escape_with_code(text: &str) -> String {
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => escape(part),
        _ => format!("<code>{}</code>", escape(part)),
    };
    text.split('`').enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_character_is_escaped() {
        assert_eq!(
            escape("<a href=\"x\" b='y'>&\0é"),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;\u{fffd}é"
        );
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(
            escape_with_code("a < `b<c>` & d"),
            "a &lt; <code>b&lt;c&gt;</code> &amp; d"
        );
    }
}
