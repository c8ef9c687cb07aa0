//! What can be shown, and how it is shown where there is no front end.

use super::base64;
use crate::notebook::{Bundle, Content};

/// A value that [`display`](super::display) can show. Implement it for your own types.
///
/// ```
/// use threadbook::prelude::*;
///
/// struct Temperature(f64);
///
/// impl Rich for Temperature {
///     fn bundle(&self) -> Bundle {
///         let color = if self.0 < 0.0 { "blue" } else { "red" };
///         Bundle::new()
///             .text("text/html", format!("<span style='color:{color}'>{} °C</span>", self.0))
///             .text("text/plain", format!("{} °C", self.0))
///     }
/// }
///
/// display(Temperature(21.5));
/// ```
///
/// `Via` exists for implementing the trait for a type of another crate, which Rust allows with a type of your own in
/// its place. In our kernel, images of the crate `image` and figures of `plotters` are shown this way.
pub trait Rich<Via = ()> {
    /// Returns the forms that the value can be shown in, the richest first. Include `text/plain`, for where there is no
    /// page.
    fn bundle(&self) -> Bundle;
}

impl<Via, T: Rich<Via> + ?Sized> Rich<Via> for &T {
    fn bundle(&self) -> Bundle {
        (**self).bundle()
    }
}

impl Rich for Bundle {
    fn bundle(&self) -> Bundle {
        self.clone()
    }
}

/// Plain text.
impl Rich for str {
    fn bundle(&self) -> Bundle {
        Bundle::new().text("text/plain", self)
    }
}

/// Plain text.
impl Rich for String {
    fn bundle(&self) -> Bundle {
        self.as_str().bundle()
    }
}

/// Returns the richest form with evcxr's markers for content on stdout; evcxr shows every block as a separate output.
pub(super) fn evcxr_block(bundle: &Bundle) -> Option<String> {
    let (mime, content) = bundle.data.first()?;
    let text = match content {
        Content::Text(text) | Content::Json(text) => text,
        Content::Bytes(bytes) => &base64::encode(bytes),
    };
    Some(format!(
        "EVCXR_BEGIN_CONTENT {mime}\n{text}\nEVCXR_END_CONTENT\n"
    ))
}

/// Returns the form for where only text can be shown.
pub(super) fn plain_text(bundle: &Bundle) -> String {
    match bundle.get("text/plain") {
        Some(Content::Text(text) | Content::Json(text)) => text.clone(),
        Some(Content::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        None => {
            let mimes: Vec<_> = bundle.data.iter().map(|(mime, _)| mime.as_str()).collect();
            format!("<{}>", mimes.join(", "))
        }
    }
}
