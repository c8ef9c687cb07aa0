//! A clip, and the streams it can be downloaded as.

use crate::interface;

pub struct Clip {
    pub title: String,
    pub streams: Vec<Stream>,
}

/// One of the files that a clip can be downloaded as; see [`interface::Stream`].
#[derive(Debug, PartialEq, Eq)]
pub struct Stream {
    pub itag: String,
    pub url: String,
    /// `Name: value` lines.
    pub headers: String,
    pub extension: String,
    pub resolution: String,
    /// In bytes, if known.
    pub size: Option<u64>,
    pub has_video: bool,
    pub has_audio: bool,
}

impl Stream {
    pub fn view(&self) -> interface::Stream<'_> {
        interface::Stream {
            itag: self.itag.as_str().into(),
            url: self.url.as_str().into(),
            headers: self.headers.as_str().into(),
            extension: self.extension.as_str().into(),
            resolution: self.resolution.as_str().into(),
            size: self.size.unwrap_or_default(),
            has_video: self.has_video,
            has_audio: self.has_audio,
        }
    }
}
