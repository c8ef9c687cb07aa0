//! Takes from Markdown all that could run, call out or break the page: raw HTML and unsafe links.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::html::escape;

/// Elements without attributes that may stand in a text as HTML.
const ALLOWED: [&str; 10] = [
    "b", "strong", "i", "em", "u", "s", "sub", "sup", "kbd", "mark",
];

/// The same text without raw HTML but for the harmless: `<br>` and the elements of [`ALLOWED`].
/// All other tags are shown as text, comments are dropped, and a link whose target is
/// unsafe leaves its text alone. The HTML events in the result can be trusted.
pub fn inert(events: Vec<Event>) -> Vec<Event> {
    let mut result = Vec::with_capacity(events.len());
    let mut open = Vec::new();
    let mut in_unsafe_link = false;
    let mut in_picture = 0;
    let mut events = events.into_iter();
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::HtmlBlock) => {
                let html: String = events
                    .by_ref()
                    .take_while(|event| *event != Event::End(TagEnd::HtmlBlock))
                    .filter_map(|event| match event {
                        Event::Html(text) | Event::Text(text) => Some(text.into_string()),
                        _ => None,
                    })
                    .collect();
                result.extend(block(&html));
            }
            Event::Html(text) => result.push(Event::Text(text)),
            // A picture's alternative text is plain.
            Event::InlineHtml(tag) if in_picture > 0 => result.push(Event::Text(tag)),
            Event::InlineHtml(tag) => result.extend(inline(tag, &mut open)),
            Event::InlineMath(formula) => result.push(math("$", &formula)),
            Event::DisplayMath(formula) => result.push(math("$$", &formula)),
            Event::Start(Tag::Link {
                link_type,
                ref dest_url,
                ..
            }) => {
                in_unsafe_link = !is_safe(link_type, dest_url);
                if !in_unsafe_link {
                    result.push(event);
                }
            }
            Event::Start(Tag::Image { .. }) => {
                in_picture += 1;
                result.push(event);
            }
            Event::End(TagEnd::Image) => {
                in_picture -= 1;
                result.push(event);
            }
            Event::End(TagEnd::Link) if in_unsafe_link => in_unsafe_link = false,
            Event::End(end) if is_block(end) => {
                // An element opened by hand must not reach beyond its block.
                result.extend(open.drain(..).rev().map(closing));
                result.push(event);
            }
            event => result.push(event),
        }
    }
    result
}

fn block<'a>(html: &str) -> Option<Event<'a>> {
    let html = html.trim();
    let is_comment = html.starts_with("<!--") && html.find("-->") == html.len().checked_sub(3);
    (!is_comment)
        .then(|| Event::Html(format!("<pre class=\"raw\">{}</pre>\n", escape(html)).into()))
}

fn inline<'a>(tag: CowStr<'a>, open: &mut Vec<&'static str>) -> Option<Event<'a>> {
    if tag.starts_with("<!--") {
        return None;
    }
    let name = tag.trim_matches(['<', '>', '/', ' ']).to_lowercase();
    if name == "br" {
        return Some(Event::HardBreak);
    }
    let Some(name) = ALLOWED.into_iter().find(|allowed| *allowed == name) else {
        return Some(Event::Text(tag));
    };
    if !tag.starts_with("</") {
        open.push(name);
        return Some(Event::InlineHtml(format!("<{name}>").into()));
    }
    // What was never opened, or is not the innermost, cannot be closed.
    open.pop_if(|innermost| *innermost == name).map(closing)
}

fn closing<'a>(name: &str) -> Event<'a> {
    Event::InlineHtml(format!("</{name}>").into())
}

/// Formulas are shown as they are written: setting them takes fonts that a small page does not have.
fn math<'a>(fence: &str, formula: &str) -> Event<'a> {
    let formula = escape(formula);
    Event::InlineHtml(format!("<span class=\"math\">{fence}{formula}{fence}</span>").into())
}

/// Whether a link leads to a page, an address or a place in this page, and not to a script.
fn is_safe(link_type: LinkType, target: &str) -> bool {
    if link_type == LinkType::Email {
        return true;
    }
    // Browsers overlook white space and control characters inside a scheme.
    let target: String = target
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect();
    let Some((scheme, _)) = target.split_once(':') else {
        return true;
    };
    let is_path = scheme.contains(['/', '?', '#']);
    is_path || ["http", "https", "mailto"].contains(&scheme.to_lowercase().as_str())
}

fn is_block(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::TableCell
            | TagEnd::BlockQuote(_)
            | TagEnd::FootnoteDefinition
    )
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Options, Parser, html::push_html};

    use super::*;

    fn render(source: &str) -> String {
        let mut html = String::new();
        push_html(
            &mut html,
            inert(Parser::new_ext(source, Options::ENABLE_MATH).collect()).into_iter(),
        );
        html
    }

    #[test]
    fn raw_html_is_shown_and_not_run() {
        assert_eq!(
            render("<script>alert(1)</script>\n\ntext"),
            "<pre class=\"raw\">&lt;script&gt;alert(1)&lt;/script&gt;</pre>\n<p>text</p>\n"
        );
        assert_eq!(
            render("a <img src=x onerror=alert(1)> b"),
            "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>\n"
        );
        assert_eq!(
            render("a <b onclick=x>b</b>"),
            "<p>a &lt;b onclick=x&gt;b</p>\n"
        );
        assert_eq!(
            render("<div>\n<svg onload=\"a()\">\n</div>"),
            "<pre class=\"raw\">&lt;div&gt;\n&lt;svg onload=&quot;a()&quot;&gt;\n&lt;/div&gt;</pre>\n"
        );
    }

    #[test]
    fn comments_are_dropped() {
        assert_eq!(render("<!-- one\ntwo -->\n\na<!-- b -->c"), "<p>ac</p>\n");
        assert_eq!(
            render("<!-- a --><script>b</script><!-- c -->"),
            "<pre class=\"raw\">&lt;!-- a --&gt;&lt;script&gt;b&lt;/script&gt;&lt;!-- c --&gt;</pre>\n"
        );
    }

    #[test]
    fn harmless_elements_stay_and_end_with_their_block() {
        assert_eq!(
            render("x<SUB>1</SUB><br/>y"),
            "<p>x<sub>1</sub><br />\ny</p>\n"
        );
        assert_eq!(
            render("a <b>bold\n\nplain</b>"),
            "<p>a <b>bold</b></p>\n<p>plain</p>\n"
        );
        assert_eq!(render("<i>a</b></i>"), "<p><i>a</i></p>\n");
    }

    #[test]
    fn only_safe_links_remain() {
        for target in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "&#106;avascript:alert(1)",
            "<java\tscript:alert(1)>",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
        ] {
            assert_eq!(
                render(&format!("[a *b*]({target})")),
                "<p>a <em>b</em></p>\n",
                "{target}"
            );
        }
        assert_eq!(
            render("<javascript:alert(1)>"),
            "<p>javascript:alert(1)</p>\n"
        );
        for target in [
            "https://example.com/?a:b",
            "#Heading",
            "mailto:a@b.org",
            "a/b:c.md",
            "x.md",
        ] {
            assert_eq!(
                render(&format!("[a]({target})")),
                format!("<p><a href=\"{target}\">a</a></p>\n")
            );
        }
        assert_eq!(
            render("<a@b.org>"),
            "<p><a href=\"mailto:a@b.org\">a@b.org</a></p>\n"
        );
    }

    #[test]
    fn formulas_are_kept_as_written() {
        assert_eq!(
            render("$a_1 < b_1$"),
            "<p><span class=\"math\">$a_1 &lt; b_1$</span></p>\n"
        );
        assert_eq!(render("$5 and $10"), "<p>$5 and $10</p>\n");
    }
}
