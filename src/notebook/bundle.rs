//! One value in several forms, as Jupyter's front ends take it.

/// One value in several forms, each with its MIME type: Jupyter's MIME bundle. A front end shows the richest form that
/// it supports.
///
/// ```
/// use threadbook::prelude::*;
///
/// let shown = Bundle::new()
///     .text("text/html", "<b>42</b>")
///     .text("text/plain", "42");
/// display(shown);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    pub(crate) data: Vec<(String, Content)>,
    /// The text of a JSON object, or empty.
    pub(crate) metadata: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(String),
    Json(String),
    Bytes(Vec<u8>),
}

impl Bundle {
    /// Creates an empty bundle.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a form that is text, such as `text/html` or `image/svg+xml`. Add the richest form first: where only one can
    /// be shown, it is that.
    #[must_use]
    pub fn text(self, mime: impl Into<String>, text: impl Into<String>) -> Self {
        self.with(mime, Content::Text(text.into()))
    }

    /// Adds a form that is JSON, as text.
    #[must_use]
    pub fn json(self, mime: impl Into<String>, json: impl Into<String>) -> Self {
        self.with(mime, Content::Json(json.into()))
    }

    /// Adds a form that is bytes, such as `image/png`.
    #[must_use]
    pub fn bytes(self, mime: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.with(mime, Content::Bytes(bytes.into()))
    }

    /// Sets the metadata of the forms: the text of a JSON object, such as `{"image/png": {"width": 200}}`.
    #[must_use]
    pub fn metadata(mut self, json: impl Into<String>) -> Self {
        self.metadata = json.into();
        self
    }

    /// Creates a bundle from evcxr's output: lines `EVCXR_BEGIN_CONTENT` with a MIME type, the content, and
    /// `EVCXR_END_CONTENT`.
    ///
    /// ```
    /// let shown = threadbook::display::Bundle::from_evcxr(
    ///     "EVCXR_BEGIN_CONTENT text/html\n<b>42</b>\nEVCXR_END_CONTENT",
    /// );
    /// threadbook::display::display(shown);
    /// ```
    #[must_use]
    pub fn from_evcxr(text: &str) -> Self {
        let contents = text.split("EVCXR_BEGIN_CONTENT ").skip(1);
        let contents = contents.filter_map(|content| {
            let (content, _) = content.split_once("EVCXR_END_CONTENT")?;
            let (mime, content) = content.split_once('\n')?;
            Some((mime, content.strip_suffix('\n').unwrap_or(content)))
        });
        contents.fold(Self::new(), |bundle, (mime, content)| {
            bundle.text(mime, content)
        })
    }

    /// A later form of the same type replaces the earlier one, as types are keys in Jupyter.
    fn with(mut self, mime: impl Into<String>, content: Content) -> Self {
        let mime = mime.into();
        match self.data.iter_mut().find(|(known, _)| *known == mime) {
            Some((_, old)) => *old = content,
            None => self.data.push((mime, content)),
        }
        self
    }

    pub(crate) fn get(&self, mime: &str) -> Option<&Content> {
        let (_, content) = self.data.iter().find(|(known, _)| known == mime)?;
        Some(content)
    }
}
