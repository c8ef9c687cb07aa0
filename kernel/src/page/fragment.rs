//! HTML outputs: each is isolated from the page, so that its style sheets apply only to itself.

use super::clean::clean_output;
use super::css::without_external_urls;
use super::picture::{Sources, picture};
use super::tags::{Piece, pieces};

/// The default style of elements that the output does not style itself.
const STYLE: &str = include_str!("fragment.css");

/// Elements that are visible without text.
const VISIBLE_WITHOUT_TEXT: [&str; 8] = [
    "img", "svg", "hr", "input", "progress", "meter", "audio", "video",
];

/// Returns sanitized `html` in its own shadow tree. `None` if nothing visible remains, for example of an output that
/// contains only scripts.
pub fn cleaned(html: &str, sources: Sources) -> Option<String> {
    let (html, sheets) = without_sheets(html);
    let html = clean_output(&html);
    let is_visible = pieces(&html).any(|piece| match piece {
        Piece::Text(text) => !text.trim().is_empty(),
        Piece::Tag(tag) => VISIBLE_WITHOUT_TEXT.iter().any(|name| tag.opens(name)),
    });
    if !is_visible {
        return None;
    }
    let html: String = pieces(&html)
        .map(|piece| match piece {
            Piece::Tag(tag) if tag.opens("img") => picture(&tag, sources),
            Piece::Tag(tag) => tag.source().to_owned(),
            Piece::Text(text) => text.to_owned(),
        })
        .collect();
    Some(format!(
        "<div class=\"html\"><div><template shadowrootmode=\"open\"><style>{STYLE}{}</style>{html}</template></div></div>",
        without_external_urls(&sheets)
    ))
}

/// Returns `html` unchanged, in a `<div>`.
pub fn trusted(html: &str) -> String {
    format!("<div class=\"html\">{html}</div>")
}

/// Returns an element in which `script` runs. As in Jupyter, the script sees this element as `element`.
pub fn script(script: &str) -> String {
    // A string in the script may contain the closing tag.
    let script = script.replace("</script", "<\\/script");
    format!(
        "<div class=\"html\"><script>(function (element) {{\n{script}\n}})(document.currentScript.parentElement)</script></div>"
    )
}

/// Splits `html` into the HTML without its style sheets, and the style sheets.
fn without_sheets(html: &str) -> (String, String) {
    let (mut others, mut sheets) = (String::new(), String::new());
    let mut in_sheet = false;
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) if tag.opens("style") => in_sheet = true,
            Piece::Tag(tag) if tag.closes("style") => in_sheet = false,
            Piece::Text(text) if in_sheet => {
                sheets.push_str(text);
                sheets.push('\n');
                in_sheet = false;
            }
            Piece::Text(text) => others.push_str(text),
            Piece::Tag(tag) => others.push_str(tag.source()),
        }
    }
    (others, sheets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(html: &str) -> String {
        let fragment = cleaned(html, Sources::default()).expect("something to see");
        let (_, content) = fragment.split_once("</style>").expect("the sheet");
        let content = content.strip_suffix("</template></div></div>");
        content.expect("the end").to_owned()
    }

    #[test]
    fn an_output_stands_apart_without_its_scripts() {
        assert_eq!(
            inside("</template></div><b onclick=\"x\">x</b><script>alert('1')</script>"),
            "<b>x</b>"
        );
        assert_eq!(inside("a < b & c"), "a &lt; b &amp; c");
    }

    #[test]
    fn nothing_that_calls_out_is_left() {
        for html in [
            "<link rel=preconnect href='http://a.b'>",
            "<link rel=stylesheet href='http://a.b'>",
            "<iframe src='http://a.b'></iframe>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<meta http-equiv=refresh content='0;url=http://a.b'>",
            "<base href='http://a.b'>",
            "<object data='http://a.b'></object>",
            "<embed src='http://a.b'>",
            "<form action='http://a.b'></form>",
            "<script src='http://a.b'></script>",
            "<style>@import 'http://a.b'</style>",
            "<template><img src='http://a.b'></template>",
            "<!-- http://a.b -->",
        ] {
            assert_eq!(cleaned(html, Sources::default()), None, "{html}");
        }
        for html in [
            "<b style=\"background: url(http://a.b)\">x</b>",
            "<p background='http://a.b'>x</p>",
            "<video poster='http://a.b' src='http://a.b'></video>",
            "<audio><source src='http://a.b' srcset='http://a.b'></audio>",
            "<svg><rect fill=\"url(http://a.b)\"/><use href='http://a.b#c' xlink:href='http://a.b'/></svg>",
            "<svg><image href='http://a.b'/><foreignObject><img src='x' srcset='http://a.b'></foreignObject></svg>",
            "<style>b { background: url(http://a.b) }</style><b>x</b>",
            "<a ping='http://a.b' href='data:text/html,http://a.b'>x</a>",
            "<a href='java\tscript:http://a.b'>x</a>",
            "<input type=image src='http://a.b'>",
        ] {
            let html = cleaned(html, Sources::default()).expect("something to see");
            assert!(!html.contains("a.b"), "{html}");
        }
    }

    #[test]
    fn a_picture_is_inside_or_named() {
        assert!(
            inside("<img src='data:image/png;base64,iVBORw0K'>")
                .starts_with("<img class=\"paper\"")
        );
        assert!(inside("<img src='http://a.b/c.png' onerror=x>").contains("not in this page"));
    }

    #[test]
    fn tables_and_drawings_stay_as_they_are() {
        for html in [
            "<table id=\"t\" border=\"1\"><tbody><tr><td colspan=\"2\" style=\"color: red\">1</td></tr></tbody></table>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><linearGradient id=\"a\">\
             <stop offset=\"1\"></stop></linearGradient><path d=\"M0 0\" fill=\"url(#a)\"></path></svg>",
            "<div style=\"position: relative; height: 2.5em; overflow: hidden\"><div style=\"position: absolute; bottom: 0\">\
             <details><summary style=\"height: 1em\">a</summary><b>b</b></details></div></div>",
            "<details open=\"\"><summary>a</summary><progress value=\"3\" max=\"9\"></progress></details>",
        ] {
            assert_eq!(inside(html), html);
        }
    }

    #[test]
    fn sheets_reach_the_output_alone() {
        let html = cleaned(
            "<STYLE type='text/css'>#t th { color: red }</STYLE ><svg><style>a{}</style></svg><b>x</b>",
            Sources::default(),
        )
        .expect("something to see");
        assert!(
            html.contains("#t th { color: red }\na{}\n</style><svg></svg><b>x</b>"),
            "{html}"
        );
        assert_eq!(html.matches("<style>").count(), 1);
    }

    #[test]
    fn an_input_asks_for_nothing() {
        assert_eq!(
            inside("<input type=password value=x>"),
            "<input value=\"x\" type=\"checkbox\">"
        );
    }

    #[test]
    fn a_trusted_script_ends_where_its_element_ends() {
        let html = script("element.append('</script>')");
        assert_eq!(html.matches("</script").count(), 1, "{html}");
    }
}
