//! The streams of a clip, and filters for them.

use super::stream::Stream;

/// Streams to choose from: Python's `pytube.StreamQuery`.
#[derive(Clone, Debug)]
pub struct StreamQuery(Vec<Stream>);

/// The conditions for choosing streams. Without any condition all are chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    adaptive: Option<bool>,
    file_extension: Option<String>,
    resolution: Option<String>,
}

impl Filter {
    pub fn new() -> Filter {
        Filter::default()
    }

    /// Video and audio in separate streams (`true`), or both in one stream (`false`).
    pub fn adaptive(mut self, wanted: bool) -> Filter {
        self.adaptive = Some(wanted);
        self
    }

    /// Both video and audio in one stream (`true`), or in separate streams (`false`).
    pub fn progressive(self, wanted: bool) -> Filter {
        self.adaptive(!wanted)
    }

    /// Such as `mp4`.
    pub fn file_extension(mut self, wanted: impl Into<String>) -> Filter {
        self.file_extension = Some(wanted.into());
        self
    }

    /// Such as `360p`.
    pub fn resolution(mut self, wanted: impl Into<String>) -> Filter {
        self.resolution = Some(wanted.into());
        self
    }

    fn takes(&self, stream: &Stream) -> bool {
        self.adaptive
            .is_none_or(|wanted| stream.is_adaptive() == wanted)
            && self
                .file_extension
                .as_deref()
                .is_none_or(|wanted| stream.subtype() == wanted)
            && self
                .resolution
                .as_deref()
                .is_none_or(|wanted| stream.resolution() == Some(wanted))
    }
}

impl StreamQuery {
    pub(super) fn new(streams: Vec<Stream>) -> StreamQuery {
        StreamQuery(streams)
    }

    /// Keeps the streams that match `wanted`.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let streams = YouTube::new("https://youtu.be/BxuY9FET9Y4").streams()?;
    /// assert_eq!(streams.len(), 2);
    /// let adaptive = streams.clone().filter(Filter::new().adaptive(true));
    /// assert_eq!(adaptive.first().unwrap().resolution(), Some("360p"));
    /// assert!(streams.filter(Filter::new().file_extension("webm")).first().is_none());
    /// # Ok::<(), youtube::Error>(())
    /// ```
    pub fn filter(mut self, wanted: Filter) -> StreamQuery {
        self.0.retain(|stream| wanted.takes(stream));
        self
    }

    /// Returns the first stream, which is the best of its kind.
    pub fn first(&self) -> Option<Stream> {
        self.0.first().cloned()
    }

    /// Returns the last stream.
    pub fn last(&self) -> Option<Stream> {
        self.0.last().cloned()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Stream> {
        self.0.iter()
    }
}

impl IntoIterator for StreamQuery {
    type Item = Stream;
    type IntoIter = std::vec::IntoIter<Stream>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a StreamQuery {
    type Item = &'a Stream;
    type IntoIter = std::slice::Iter<'a, Stream>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
