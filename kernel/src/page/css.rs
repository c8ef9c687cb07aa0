//! Removes everything from style sheets that would load something.

use cssparser::{ParseError, Parser, Token};

/// Returns `css`, a style sheet or the value of a `style` attribute, without external URLs: `@import` is removed, and
/// `url(...)` stays only for data URIs of pictures and for fragments of the same document. The result is safe in a
/// `<style>` element.
pub fn without_external_urls(css: &str) -> String {
    let mut output = String::with_capacity(css.len());
    // The only error is blocks nested too deeply, which end the sheet.
    let _ = copy(&mut Parser::new(css), &mut output);
    // Removing a part may have joined its neighbours into the closing tag of the element.
    output.replace("</", "<\\/")
}

fn copy(parser: &mut Parser, output: &mut String) -> Result<(), ParseError<()>> {
    loop {
        let start = parser.position();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
            return Ok(());
        };
        let closing = match token {
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => {
                skip_statement(parser);
                continue;
            }
            Token::Comment(_) => {
                output.push(' ');
                continue;
            }
            Token::UnquotedUrl(address) if !is_inside(&address) => {
                output.push_str("none");
                continue;
            }
            Token::BadUrl(_) | Token::BadString(_) => {
                output.push_str("none");
                continue;
            }
            Token::Function(name) if may_load(&name) => {
                let is_allowed = has_picture_inside(parser) && name.eq_ignore_ascii_case("url");
                output.push_str(if is_allowed {
                    parser.slice_from(start)
                } else {
                    "none"
                });
                continue;
            }
            Token::Function(_) | Token::ParenthesisBlock => Some(')'),
            Token::SquareBracketBlock => Some(']'),
            Token::CurlyBracketBlock => Some('}'),
            _ => None,
        };
        output.push_str(parser.slice_from(start));
        if let Some(closing) = closing {
            let copied = parser.parse_nested_block(|inner| copy(inner, output));
            output.push(closing);
            copied?;
        }
    }
}

fn may_load(function: &str) -> bool {
    [
        "url",
        "src",
        "image",
        "image-set",
        "-webkit-image-set",
        "cross-fade",
        "-webkit-cross-fade",
    ]
    .iter()
    .any(|name| function.eq_ignore_ascii_case(name))
}

/// Parses the arguments of a function such as `url(` and returns whether they are an inlined picture or a fragment.
fn has_picture_inside(parser: &mut Parser) -> bool {
    let inside: Result<bool, ParseError<()>> =
        parser.parse_nested_block(|inner| Ok(is_inside(inner.expect_string()?)));
    inside.unwrap_or(false)
}

/// Whether a URL refers to the same document or contains a picture itself.
fn is_inside(address: &str) -> bool {
    address.starts_with('#') || address.starts_with("data:image/")
}

fn skip_statement(parser: &mut Parser) {
    while let Ok(token) = parser.next() {
        if matches!(token, Token::Semicolon | Token::CurlyBracketBlock) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harmless_sheet_stays_as_it_is() {
        for css in [
            "#T_1 th.col, a > b:hover { color: #f00; width: calc(1px + (2% * 3)) }",
            "@media (prefers-color-scheme: dark) { .x::after { content: \"\\25B8\" } }",
            "background: url(data:image/png;base64,AA==) no-repeat",
            "background: url( \"data:image/gif;base64,AA==\" )",
            "fill: url(#gradient); --a: 'x;}'",
            "color: var(--ink, rgb(1 2 3 / 50%))",
        ] {
            assert_eq!(without_external_urls(css), css);
        }
    }

    #[test]
    fn nothing_is_loaded() {
        for css in [
            "@import 'http://a.b/c.css';",
            "@import url(http://a.b);",
            "@IMPORT\"http://a.b\"layer(x);",
            "@\\69mport 'http://a.b';",
            "a { background: url(http://a.b) }",
            "a { background: URL( 'http://a.b' ) }",
            "a { background: \\75rl(http://a.b) }",
            "a { background: u/**/rl(http://a.b) }",
            "a { background: url(\"http://a.b\" format(x)) }",
            "a { background: image-set('http://a.b' 1x) }",
            "a { background: -webkit-image-set(url(http://a.b) 1x) }",
            "@font-face { src: url(//a.b/font) format('woff') }",
            "@media all { @supports (a:b) { c { cursor: url(x://a.b), auto } } }",
            "a { background: src('http://a.b') }",
            "a { background: url(http://a.b",
            "a { --x: url(http://a.b); background: var(--x) }",
        ] {
            let clean = without_external_urls(css);
            let split_word = clean.contains("u rl(");
            assert!(split_word || !clean.contains("a.b"), "{css}: {clean}");
        }
        assert_eq!(
            without_external_urls("@import 'x'; a { color: red }"),
            " a { color: red }"
        );
        assert_eq!(
            without_external_urls("a { background: red url(x.png) }"),
            "a { background: red none }"
        );
    }

    #[test]
    fn a_sheet_cannot_end_its_element() {
        for css in [
            "<@import 'x';/style>",
            "a { content: '</style>' }",
            "</style",
        ] {
            assert!(!without_external_urls(css).contains("</"), "{css}");
        }
    }

    #[test]
    fn blocks_without_end_are_closed_and_deep_ones_left_out() {
        assert_eq!(without_external_urls("a { b: c("), "a { b: c()}");
        assert_eq!(without_external_urls("a } b"), "a } b");
        let deep = without_external_urls(&"(".repeat(100_000));
        assert!(deep.len() < 1000, "{} bytes", deep.len());
    }
}
