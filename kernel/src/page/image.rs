//! Pictures as data URIs in `<img>` elements, where nothing inside them can run.

use data_encoding::BASE64;

use super::html::escape;

/// The picture types that every browser supports, best first.
pub const TYPES: [&str; 5] = [
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
];

/// A picture that is part of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    uri: String,
    /// Whether it follows the reader's light or dark theme. All others assume a white background.
    adapts: bool,
}

impl Image {
    /// Creates a picture from the content of an output or an attachment: SVG as text or base64, all other types as
    /// base64. `None` if the type is not a picture type or the content is not valid base64.
    pub fn new(mime_type: &str, content: &str) -> Option<Self> {
        let mime_type = TYPES.into_iter().find(|known| *known == mime_type)?;
        let is_svg = mime_type == "image/svg+xml";
        let bytes = if is_svg && content.trim_start().starts_with('<') {
            content.as_bytes().to_vec()
        } else {
            // Notebooks wrap long base64.
            BASE64
                .decode(
                    content
                        .split_ascii_whitespace()
                        .collect::<String>()
                        .as_bytes(),
                )
                .ok()?
        };
        let (bytes, adapts) = if is_svg {
            let svg = with_namespace(&String::from_utf8_lossy(&bytes));
            let adapts = svg.contains("prefers-color-scheme");
            (svg.into_bytes(), adapts)
        } else {
            (bytes, false)
        };
        Some(Self {
            uri: format!("data:{mime_type};base64,{}", BASE64.encode(&bytes)),
            adapts,
        })
    }

    /// Creates a picture from a data URI in a Markdown text.
    pub fn from_data_uri(uri: &str) -> Option<Self> {
        let (mime_type, content) = uri.strip_prefix("data:")?.split_once(";base64,")?;
        Self::new(mime_type, content)
    }

    /// Returns the `<img>` element; `attributes` are its other attributes, already HTML.
    pub fn html(&self, alt: &str, attributes: &str) -> String {
        let class = if self.adapts { "adapts" } else { "paper" };
        format!(
            "<img class=\"{class}\" src=\"{}\" alt=\"{}\"{attributes}>",
            self.uri,
            escape(alt)
        )
    }
}

/// Adds the namespace to `svg` that a standalone file needs and inline markup does not.
fn with_namespace(svg: &str) -> String {
    let Some(start) = svg.find("<svg") else {
        return svg.to_owned();
    };
    let name_end = start + "<svg".len();
    let tag_end = svg[start..]
        .find('>')
        .map_or(svg.len(), |length| start + length);
    if svg[start..tag_end].contains("xmlns=") {
        return svg.to_owned();
    }
    format!(
        "{} xmlns=\"http://www.w3.org/2000/svg\"{}",
        &svg[..name_end],
        &svg[name_end..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(image: &Image) -> String {
        let (_, content) = image.uri.split_once("base64,").expect("a data URI");
        String::from_utf8(BASE64.decode(content.as_bytes()).expect("base64")).expect("text")
    }

    #[test]
    fn a_picture_is_inlined_with_its_alternative_text() {
        let image = Image::new("image/png", "iVBO\nRw0K\n").expect("base64");
        assert_eq!(
            image.html("a \"dot\"", " width=\"3\""),
            "<img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" \
             alt=\"a &quot;dot&quot;\" width=\"3\">"
        );
    }

    #[test]
    fn svg_comes_as_text_or_base64_and_gets_its_namespace() {
        let full = "<svg xmlns=\"http://www.w3.org/2000/svg\"><g/></svg>";
        for content in [full, "<svg><g/></svg>", &BASE64.encode(full.as_bytes())] {
            let image = Image::new("image/svg+xml", content).expect("a picture");
            assert_eq!(decoded(&image), full);
            assert!(!image.adapts);
        }
        let styled = "<svg><style>@media (prefers-color-scheme: dark) {}</style></svg>";
        assert!(
            Image::new("image/svg+xml", styled)
                .expect("a picture")
                .adapts
        );
    }

    #[test]
    fn what_is_not_a_picture_is_refused() {
        assert_eq!(Image::new("text/html", "iVBORw0K"), None);
        assert_eq!(Image::new("image/png", "\" onerror=\"alert(1)"), None);
        assert_eq!(Image::new("image/svg+xml", "no svg!"), None);
        assert_eq!(Image::from_data_uri("data:text/html;base64,iVBORw0K"), None);
        assert_eq!(Image::from_data_uri("data:image/png,raw"), None);
    }
}
