//! What the pictures below cells have in common.

use crate::page::html::escape;
use data_encoding::BASE64;

/// The text and the thin lines of an SVG. The picture follows the reader's light or dark.
pub const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 11px; fill: #5b636d } .axis { stroke: #dfe2e6 } \
.lost { stroke: #d1242f; stroke-width: 2; fill: none } \
@media (prefers-color-scheme: dark) { text { fill: #e3e6ea } .small { fill: #a3abb5 } .axis { stroke: #353a42 } \
.lost { stroke: #ff8389 } } ";

/// Returns an SVG as an `<img>`, which notebooks that are not trusted show too.
pub fn img(svg: &str, alt: &str) -> String {
    format!(
        "<img alt=\"{}\" src=\"data:image/svg+xml;base64,{}\"/>",
        escape(alt),
        BASE64.encode(svg.as_bytes())
    )
}
