//! A wrapper for each MIME type that front ends know.

use std::fmt::Display;

use super::rich::{self, Rich};
use crate::notebook::{self, Bundle};

/// HTML, from anything that can be printed.
#[derive(Clone, Debug)]
pub struct Html<T>(pub T);

/// An SVG image, from anything that can be printed.
#[derive(Clone, Debug)]
pub struct Svg<T>(pub T);

/// Markdown, from anything that can be printed.
#[derive(Clone, Debug)]
pub struct Markdown<T>(pub T);

/// LaTeX, such as `$x^2$`, from anything that can be printed.
#[derive(Clone, Debug)]
pub struct Latex<T>(pub T);

/// JSON, from anything that prints as JSON: a string with JSON in it, or a `serde_json::Value`. JupyterLab shows a tree
/// that can be folded.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// A PNG image: the bytes of the file.
#[derive(Clone, Debug)]
pub struct Png<T>(pub T);

impl<T: Display> Rich for Html<T> {
    fn bundle(&self) -> Bundle {
        let html = self.0.to_string();
        let size = size("Html", html.len());
        Bundle::new()
            .text("text/html", html)
            .text("text/plain", size)
    }
}

impl<T: Display> Rich for Svg<T> {
    fn bundle(&self) -> Bundle {
        let svg = self.0.to_string();
        let size = size("Svg", svg.len());
        Bundle::new()
            .text("image/svg+xml", svg)
            .text("text/plain", size)
    }
}

/// Its plain text is the source, which is meant to be read.
impl<T: Display> Rich for Markdown<T> {
    fn bundle(&self) -> Bundle {
        let source = self.0.to_string();
        Bundle::new()
            .text("text/markdown", source.as_str())
            .text("text/plain", source)
    }
}

/// Its plain text is the source.
impl<T: Display> Rich for Latex<T> {
    fn bundle(&self) -> Bundle {
        let source = self.0.to_string();
        Bundle::new()
            .text("text/latex", source.as_str())
            .text("text/plain", source)
    }
}

/// Its plain text is the source.
impl<T: Display> Rich for Json<T> {
    fn bundle(&self) -> Bundle {
        let source = self.0.to_string();
        Bundle::new()
            .json("application/json", source.as_str())
            .text("text/plain", source)
    }
}

impl<T: AsRef<[u8]>> Rich for Png<T> {
    fn bundle(&self) -> Bundle {
        let bytes = self.0.as_ref();
        Bundle::new()
            .bytes("image/png", bytes)
            .text("text/plain", size("Png", bytes.len()))
    }
}

/// Returns the plain text where there is no page. The content itself would be long, and says little to a reader.
fn size(kind: &str, bytes: usize) -> String {
    format!("<{kind}, {bytes} bytes>")
}

/// A cell whose last expression is such a value shows it as its result. A method of the type takes precedence over
/// [`super::EvcxrDisplay`].
macro_rules! shown_as_result {
    ($($kind:ident of $content:path),*) => {$(
        impl<T: $content> $kind<T> {
            #[doc(hidden)]
            pub fn evcxr_display(&self) {
                if let Some(block) = rich::evcxr_block(&self.bundle()) {
                    notebook::print_at_once(&block);
                }
            }
        }
    )*};
}

shown_as_result!(
    Html of Display, Svg of Display, Markdown of Display, Latex of Display, Json of Display,
    Png of AsRef<[u8]>
);
