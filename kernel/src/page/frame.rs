//! HTML outputs, cleaned and shut up in frames.

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::html::escape;

/// What stands before every output's own HTML.
const HEAD: &str = concat!(
    "<!DOCTYPE html><meta charset=\"utf-8\">",
    "<meta name=\"color-scheme\" content=\"light dark\"><style>",
    include_str!("frame.css"),
    "</style>"
);

/// Beside ammonia's own list: drawings, and the style sheets of data frames.
const TAGS: &str = "\
    style svg g defs title desc path rect circle ellipse line polyline polygon text tspan \
    textPath clipPath mask marker pattern linearGradient radialGradient stop font";

const ATTRIBUTES: &str = "\
    align border cellpadding cellspacing class color colspan dir height id role rowspan \
    scope style valign width clip-path clip-rule cx cy d dominant-baseline dx dy fill \
    fill-opacity fill-rule font-family font-size font-style font-weight fx fy \
    gradientTransform gradientUnits letter-spacing markerHeight markerUnits markerWidth \
    marker-end marker-start offset opacity orient patternTransform patternUnits points \
    preserveAspectRatio r refX refY rx ry stop-color stop-opacity stroke stroke-dasharray \
    stroke-linecap stroke-linejoin stroke-opacity stroke-width text-anchor transform viewBox \
    x x1 x2 y y1 y2 xmlns";

/// Browsers open connections for `<link rel=preconnect>` and `<iframe src>` in spite of any policy
/// and sandbox, so such elements must not be there at all.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .rm_clean_content_tags(["style"])
        .add_tags(TAGS.split_whitespace())
        .add_generic_attributes(ATTRIBUTES.split_whitespace())
        .add_generic_attribute_prefixes(["aria-"])
        // Nothing opens from inside a frame: a link would be dead.
        .rm_tag_attributes("a", ["href", "hreflang"])
        .link_rel(None)
        .url_schemes(["data"].into())
        .url_relative(UrlRelative::Deny);
    cleaner
});

/// `html` in a frame in which no script runs, no form is sent and nothing is loaded or opened.
/// `None` if nothing is left of it to see, as of an output that is all script.
///
/// The frame shares the page's origin so that the page can measure how high it has to be. That
/// gives its content nothing, because without `allow-scripts` nothing in it can make use of it.
pub fn frame(html: &str) -> Option<String> {
    let html = CLEANER.clean(html).to_string();
    if html.trim().is_empty() {
        return None;
    }
    // A guess for readers without scripts: one line for each row.
    let rows = html
        .matches("<tr")
        .count()
        .max(html.lines().count() / 2)
        .clamp(3, 25);
    Some(format!(
        "<iframe sandbox=\"allow-same-origin\" title=\"HTML output\" style=\"height:{rows}lh\" \
         srcdoc=\"{}\"></iframe>",
        escape(&format!("{HEAD}{html}"))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(html: &str) -> String {
        let frame = frame(html).expect("something to see");
        let (_, content) = frame.split_once("&lt;/style&gt;").expect("the head");
        content
            .strip_suffix("\"></iframe>")
            .expect("the end")
            .to_owned()
    }

    #[test]
    fn html_stands_in_a_frame_where_nothing_runs() {
        let html = frame("\"><b>x</b><script>alert('1')</script>").expect("something to see");
        assert!(
            html.starts_with("<iframe sandbox=\"allow-same-origin\" "),
            "{html}"
        );
        assert!(
            html.ends_with("&lt;/style&gt;&quot;&amp;gt;&lt;b&gt;x&lt;/b&gt;\"></iframe>"),
            "{html}"
        );
        assert_eq!(html.matches("sandbox=").count(), 1);
    }

    #[test]
    fn nothing_that_calls_out_is_left() {
        for html in [
            "<link rel=preconnect href='http://a.b'>",
            "<iframe src='http://a.b'></iframe>",
            "<meta http-equiv=refresh content='0;url=http://a.b'>",
            "<base href='http://a.b'>",
            "<object data='http://a.b'></object>",
            "<form action='http://a.b'></form>",
            "<script src='http://a.b'></script>",
        ] {
            assert_eq!(frame(html), None, "{html}");
        }
        assert_eq!(
            cleaned("<a href='http://a.b' onclick=x>y</a>"),
            "&lt;a&gt;y&lt;/a&gt;"
        );
        assert_eq!(
            cleaned("<img src='http://a.b/c.png' onerror=x>"),
            "&lt;img&gt;"
        );
    }

    #[test]
    fn tables_and_drawings_stay_as_they_are() {
        for html in [
            "<style>#t th { color: red }</style><table id=\"t\"><tbody><tr><td colspan=\"2\" \
             style=\"color: red\">1</td></tr></tbody></table>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><linearGradient id=\"a\">\
             <stop offset=\"1\"></stop></linearGradient><path d=\"M0 0\"></path></svg>",
            "<img src=\"data:image/png;base64,iVBORw0K\">",
        ] {
            assert_eq!(cleaned(html), escape(html));
        }
    }
}
