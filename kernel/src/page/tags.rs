//! Splits HTML into tags and the text between them.

/// A piece of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text, with its entities; or a comment; or the content of an element that holds no tags, such as a script.
    Text(&'a str),
    /// A tag, from `<` to `>`.
    Tag(Tag<'a>),
}

/// An opening or closing tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'a>(&'a str);

/// Returns the pieces of `html`. Concatenated, they are `html`.
///
/// Exact for the output of [`ammonia`]. In other HTML too, no part of a tag is taken for text.
pub fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    let mut raw: Option<&str> = None;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(element) = raw.take() {
            let end = end_of_raw(rest, element);
            if end > 0 {
                return Some(Piece::Text(take(&mut rest, end)));
            }
        }
        if rest.starts_with("<!--") {
            let end = rest.find("-->").map_or(rest.len(), |start| start + 3);
            return Some(Piece::Text(take(&mut rest, end)));
        }
        if starts_tag(rest) {
            let end = end_of_tag(rest);
            let tag = Tag(take(&mut rest, end));
            raw = ["script", "style", "textarea", "title", "xmp"]
                .into_iter()
                .find(|name| tag.opens(name));
            return Some(Piece::Tag(tag));
        }
        let next = rest
            .char_indices()
            .skip(1)
            .find(|(index, c)| *c == '<' && starts_tag(&rest[*index..]));
        let end = next.map_or(rest.len(), |(index, _)| index);
        Some(Piece::Text(take(&mut rest, end)))
    })
}

impl<'a> Tag<'a> {
    /// Returns the tag as written.
    pub fn source(&self) -> &'a str {
        self.0
    }

    /// Whether it opens an element of this name; the case is ignored.
    pub fn opens(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Whether it closes an element of this name.
    pub fn closes(&self, name: &str) -> bool {
        self.name()
            .strip_prefix('/')
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// Returns the level of the heading that it opens, from 1 to 6.
    pub fn heading(&self) -> Option<u8> {
        match self.name().as_bytes() {
            [b'h' | b'H', level @ b'1'..=b'6'] => Some(level - b'0'),
            _ => None,
        }
    }

    /// Returns the value of an attribute, with entities decoded; the first if there are several.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.attributes()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| unescape(value))
    }

    /// Returns the attributes except those in `others`, as HTML with a space before each.
    pub fn attributes_without(&self, others: &[&str]) -> String {
        self.attributes()
            .filter(|(name, _)| !others.iter().any(|other| name.eq_ignore_ascii_case(other)))
            .map(|(name, value)| format!(" {name}=\"{}\"", value.replace('"', "&quot;")))
            .collect()
    }

    /// Returns the tag without `attributes`.
    pub fn without(&self, attributes: &[&str]) -> String {
        format!("<{}{}>", self.name(), self.attributes_without(attributes))
    }

    /// Includes the slash of a closing tag.
    fn name(&self) -> &'a str {
        let inside = &self.0[1..];
        let end = inside
            .char_indices()
            .find(|(index, c)| c.is_ascii_whitespace() || *c == '>' || (*c == '/' && *index > 0));
        &inside[..end.map_or(inside.len(), |(index, _)| index)]
    }

    fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.0[1 + self.name().len()..].trim_end_matches('>');
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| c.is_ascii_whitespace() || matches!(c, '=' | '/'))
                .map_or(rest.len(), |(index, _)| index);
            let name = take(&mut rest, end);
            let Some(after) = rest.trim_ascii_start().strip_prefix('=') else {
                return Some((name, ""));
            };
            rest = after.trim_ascii_start();
            let value = match rest.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    rest = &rest[1..];
                    let end = rest.find(quote).unwrap_or(rest.len());
                    let value = take(&mut rest, end);
                    rest = rest.get(1..).unwrap_or_default();
                    value
                }
                _ => {
                    let end = rest.find(|c: char| c.is_ascii_whitespace());
                    let end = end.unwrap_or(rest.len());
                    take(&mut rest, end)
                }
            };
            Some((name, value))
        })
    }
}

/// Returns the text that a reader sees, in one line.
pub fn visible_text<'a>(pieces: impl IntoIterator<Item = &'a Piece<'a>>) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) if !piece.starts_with("<!--") => text.push_str(&unescape(piece)),
            Piece::Tag(tag) if tag.opens("br") => text.push(' '),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescape(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

fn take<'a>(rest: &mut &'a str, length: usize) -> &'a str {
    let (taken, others) = rest.split_at(length);
    *rest = others;
    taken
}

fn starts_tag(html: &str) -> bool {
    html.strip_prefix('<')
        .and_then(|after| after.chars().next())
        .is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
}

fn end_of_tag(html: &str) -> usize {
    let mut quote = None;
    for (index, c) in html.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return index + 1,
            _ => {}
        }
    }
    html.len()
}

fn end_of_raw(html: &str, element: &str) -> usize {
    html.match_indices("</")
        .find(|(start, _)| {
            html.get(start + 2..start + 2 + element.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(element))
        })
        .map_or(html.len(), |(start, _)| start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(html: &str) -> Vec<&str> {
        pieces(html)
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Tag(tag) => tag.source(),
            })
            .collect()
    }

    #[test]
    fn tags_and_texts_take_turns() {
        assert_eq!(
            sources("a < b<b title=\"x > y\">c</b>é<br/>"),
            ["a < b", "<b title=\"x > y\">", "c", "</b>", "é", "<br/>"]
        );
        assert_eq!(sources(""), [""; 0]);
        assert_eq!(sources("<"), ["<"]);
        assert_eq!(sources("<a title='"), ["<a title='"]);
    }

    #[test]
    fn comments_and_scripts_have_no_tags() {
        assert_eq!(
            sources("<!-- <b> --><script>\"<b>\"</SCRIPT>x"),
            ["<!-- <b> -->", "<script>", "\"<b>\"", "</SCRIPT>", "x"]
        );
        assert_eq!(sources("<style></style>"), ["<style>", "</style>"]);
    }

    #[test]
    fn a_tag_knows_its_name_and_attributes() {
        let Some(Piece::Tag(tag)) =
            pieces("<H2 id=\"a&amp;&quot;b\" hidden class='x y' width=3/>").next()
        else {
            panic!("no tag")
        };
        assert!(tag.opens("h2") && !tag.opens("h") && !tag.closes("h2"));
        assert_eq!(tag.heading(), Some(2));
        assert_eq!(tag.attribute("ID").as_deref(), Some("a&\"b"));
        assert_eq!(tag.attribute("hidden").as_deref(), Some(""));
        assert_eq!(tag.attribute("style"), None);
        assert_eq!(
            tag.attributes_without(&["id", "width"]),
            " hidden=\"\" class=\"x y\""
        );
        let Some(Piece::Tag(tag)) = pieces("</h2>").next() else {
            panic!("no tag")
        };
        assert!(tag.closes("h2") && tag.heading().is_none());
    }

    #[test]
    fn the_text_is_what_a_reader_sees() {
        assert_eq!(
            visible_text(&pieces(" a<b> &amp;lt; </b><br>c\n<!-- d -->e").collect::<Vec<_>>()),
            "a &lt; c e"
        );
    }
}
