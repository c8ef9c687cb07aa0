//! Sanitizes the HTML of a notebook.

use std::borrow::Cow;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::css::without_external_urls;

/// Added to ammonia's own list: drawings, and elements that work without a script.
const OUTPUT_TAGS: &str = "\
    svg g defs title desc path rect circle ellipse line polyline polygon text tspan textPath \
    clipPath mask marker pattern linearGradient radialGradient stop use symbol \
    font label input progress meter audio video source section main address big fieldset legend";

const OUTPUT_ATTRIBUTES: &str = "\
    align bgcolor border cellpadding cellspacing class color colspan dir for height hidden id role rowspan \
    scope style tabindex valign width max min value low high optimum open checked controls loop muted \
    clip-path clip-rule cx cy d dominant-baseline dx dy fill \
    fill-opacity fill-rule font-family font-size font-style font-weight fx fy \
    gradientTransform gradientUnits letter-spacing markerHeight markerUnits markerWidth \
    marker-end marker-mid marker-start mask offset opacity orient patternTransform patternUnits points \
    preserveAspectRatio r refX refY rx ry stop-color stop-opacity stroke stroke-dasharray \
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor transform viewBox \
    x x1 x2 y y1 y2 xmlns";

/// The style properties that a text may use. None of them can place one element over another.
const TEXT_STYLES: &str = "\
    background-color border border-bottom border-collapse border-color border-left border-radius border-right \
    border-style border-top border-width clear color display float font-family font-size font-style font-weight \
    height letter-spacing line-height list-style-type margin-bottom margin-right margin-top max-height max-width \
    min-width padding padding-bottom padding-left padding-right padding-top text-align text-decoration \
    text-indent vertical-align white-space width word-break";

const MATH_TAGS: &str = "\
    math semantics annotation mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle merror mpadded mphantom msub msup \
    msubsup munder mover munderover mmultiscripts mprescripts none menclose mtable mtr mtd";

const MATH_ATTRIBUTES: &str = "\
    accent accentunder class columnalign columnspan depth dir display displaystyle encoding fence form height \
    largeop linethickness lspace mathvariant maxsize minsize movablelimits notation rowspan rspace scriptlevel \
    separator stretchy style symmetric voffset width";

/// The classes of the boxes that Jupyter styles.
const ALERT_CLASSES: &str = "alert alert-info alert-success alert-warning alert-danger alert-block";

/// Sanitizes the HTML of an output, which is isolated from the page. Removes style sheets.
pub fn clean_output(html: &str) -> String {
    static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let mut cleaner = common();
        cleaner
            .add_tags(OUTPUT_TAGS.split_whitespace())
            .add_generic_attributes(OUTPUT_ATTRIBUTES.split_whitespace())
            .add_tag_attributes("use", ["href"])
            .add_tag_attributes("audio", ["src"])
            .add_tag_attributes("video", ["src"])
            .add_tag_attributes("source", ["src", "type"])
            // Other types ask for input that no one should type here.
            .set_tag_attribute_value("input", "type", "checkbox");
        cleaner
    });
    CLEANER.clean(html).to_string()
}

/// Sanitizes the HTML of a Markdown text, which is placed among the page's own elements.
pub fn clean_text(html: &str) -> String {
    static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let mut cleaner = common();
        cleaner
            .rm_tags(["article", "footer", "header", "nav"])
            .add_tags(["font", "big"])
            .add_generic_attributes(["align", "color", "dir", "height", "id", "style", "width"])
            .add_tag_attributes("a", ["name"])
            .add_tag_attributes("details", ["open"])
            .add_tag_attributes("img", ["title"])
            .add_tag_attributes("a", ["title"])
            .add_url_schemes(["attachment"])
            .filter_style_properties(TEXT_STYLES.split_whitespace().collect());
        for tag in ["div", "p", "span"] {
            cleaner.add_allowed_classes(tag, ALERT_CLASSES.split_whitespace());
        }
        cleaner
    });
    CLEANER.clean(html).to_string()
}

/// Sanitizes a MathML formula.
pub fn clean_math(html: &str) -> String {
    static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let mut cleaner = Builder::empty();
        cleaner
            .tags(MATH_TAGS.split_whitespace().collect())
            .generic_attributes(MATH_ATTRIBUTES.split_whitespace().collect())
            .attribute_filter(allowed_value);
        cleaner
    });
    CLEANER.clean(html).to_string()
}

/// Returns the rules common to outputs and texts: links may lead to web pages and mail addresses, and audio and video
/// must be data URIs. `<img>` keeps its source, for `picture` to decide.
fn common() -> Builder<'static> {
    let mut cleaner = Builder::default();
    cleaner
        .url_schemes(["data", "http", "https", "mailto"].into())
        .url_relative(UrlRelative::PassThrough)
        .rm_tags(["area", "map"])
        .add_generic_attribute_prefixes(["aria-"])
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(allowed_value);
    cleaner
}

fn allowed_value<'a>(element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let is_allowed = match (element, attribute) {
        ("a", "href") => !has_scheme(value, "data"),
        ("use", "href") => value.starts_with('#'),
        ("audio", "src") => has_scheme(value, "data:audio/"),
        ("video", "src") => has_scheme(value, "data:video/"),
        ("source", "src") => has_scheme(value, "data:audio/") || has_scheme(value, "data:video/"),
        (_, "href" | "src") => element == "img",
        _ => true,
    };
    // SVG attributes are style too: `fill="url(...)"`.
    let is_style = attribute == "style" || value.contains('(') && !is_text(attribute);
    is_allowed.then(|| {
        if is_style {
            without_external_urls(value).into()
        } else {
            value.into()
        }
    })
}

fn is_text(attribute: &str) -> bool {
    matches!(
        attribute,
        "alt" | "title" | "href" | "src" | "id" | "name" | "for" | "datetime" | "cite"
    ) || attribute.starts_with("aria-")
}

/// Browsers ignore white space and control characters inside a scheme.
fn has_scheme(value: &str, scheme: &str) -> bool {
    let start: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .take(scheme.len())
        .collect();
    start.eq_ignore_ascii_case(scheme)
}
