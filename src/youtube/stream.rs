//! One stream of a clip.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::download::download;
use super::error::Error;
use super::stream_reader::StreamSource;
use crate::network::{Clip, ClipStream, Network};
use crate::sync::lock;

/// The longest file name in bytes, without the extension. Most file systems allow 255 in all.
const MAX_NAME_BYTES: usize = 200;

/// One of the files that a clip can be downloaded as: Python's `pytube.Stream`.
#[derive(Clone)]
pub struct Stream {
    pub(super) clip: Arc<Clip>,
    pub(super) number: usize,
    pub(super) network: Network,
    pub(super) chunk_size: Option<usize>,
    pub(super) timeout: Option<Duration>,
    pub(super) callbacks: Arc<Callbacks>,
}

type OnProgress = Box<dyn FnMut(&Stream, &[u8], u64) + Send>;
type OnComplete = Box<dyn FnMut(&Stream, &Path) + Send>;

/// The callbacks. Each is called by one thread at a time, and may be called again after it panicked.
#[derive(Default)]
pub(super) struct Callbacks {
    pub(super) progress: Mutex<Option<OnProgress>>,
    pub(super) complete: Mutex<Option<OnComplete>>,
}

impl Stream {
    /// Returns the title of the clip.
    pub fn title(&self) -> &str {
        &self.clip.title
    }

    /// Returns the size in bytes.
    pub fn filesize(&self) -> u64 {
        self.info().size
    }

    /// Returns the site's id of the stream, usually a number.
    pub fn itag(&self) -> &str {
        &self.info().itag
    }

    /// Returns the URL of its bytes.
    pub fn url(&self) -> &str {
        &self.info().url
    }

    /// Returns the type, such as `mp4`.
    pub fn subtype(&self) -> &str {
        &self.info().extension
    }

    /// Returns the MIME type, such as `video/mp4`.
    pub fn mime_type(&self) -> String {
        let kind = if self.info().has_video {
            "video"
        } else {
            "audio"
        };
        format!("{kind}/{}", self.subtype())
    }

    /// Returns the resolution, such as `360p`; `None` if it is unknown, or there is no video.
    pub fn resolution(&self) -> Option<&str> {
        Some(self.info().resolution.as_str()).filter(|resolution| !resolution.is_empty())
    }

    /// Returns whether it has only video, or only audio.
    pub fn is_adaptive(&self) -> bool {
        !self.is_progressive()
    }

    /// Returns whether it has both video and audio.
    pub fn is_progressive(&self) -> bool {
        self.info().has_video && self.info().has_audio
    }

    /// Returns the file name that [`Stream::download`] uses: the title, as far as a file system allows it, and the
    /// extension.
    pub fn default_filename(&self) -> String {
        let refused = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
        let mut name = self.title().replace(refused, "");
        name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
        let name = match name.trim_matches([' ', '.']) {
            "" => "clip",
            name => name,
        };
        let extension: String = self
            .subtype()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        format!("{name}.{extension}")
    }

    /// Saves the stream in the directory `dir`, which is created if necessary, and returns the path of the file.
    ///
    /// After each chunk this calls the callback of [`YouTube::on_progress`](super::YouTube::on_progress), at the end
    /// that of [`YouTube::on_complete`](super::YouTube::on_complete). If a file of the same name and size exists, it is
    /// taken for the stream, and only the latter is called. The file appears under its name when it is complete.
    ///
    /// # Errors
    /// [`Error::Request`] if the bytes do not arrive, [`Error::File`] if they cannot be written, [`Error::Changed`] if
    /// they are not the announced ones.
    pub fn download(&self, dir: impl AsRef<Path>) -> Result<PathBuf, Error> {
        let path = dir.as_ref().join(self.default_filename());
        let there = path
            .metadata()
            .is_ok_and(|found| found.is_file() && found.len() == self.filesize());
        if !there {
            download(
                self.stream_source(),
                self.chunk_size(),
                &path,
                |chunk, remaining| {
                    if let Some(call) = &mut *lock(&self.callbacks.progress) {
                        call(self, chunk, remaining);
                    }
                },
            )?;
        }
        if let Some(call) = &mut *lock(&self.callbacks.complete) {
            call(self, &path);
        }
        Ok(path)
    }

    fn chunk_size(&self) -> usize {
        let hundredth = || usize::try_from(self.filesize() / 100).unwrap_or(usize::MAX);
        self.chunk_size
            .unwrap_or_else(|| hundredth().clamp(1024, 8 * 1024 * 1024))
    }

    fn info(&self) -> &ClipStream {
        &self.clip.streams[self.number]
    }

    fn stream_source(&self) -> StreamSource<'_> {
        StreamSource {
            info: self.info(),
            network: self.network,
            timeout: self.timeout,
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("itag", &self.itag())
            .field("mime_type", &self.mime_type())
            .field("resolution", &self.resolution())
            .field("adaptive", &self.is_adaptive())
            .field("filesize", &self.filesize())
            .finish_non_exhaustive()
    }
}
