//! Downloads clips, as Python's `pytube`.
//!
//! ```
//! use std::fs;
//! use std::sync::mpsc;
//! use threadbook::prelude::*;
//!
//! # let dir = std::env::temp_dir().join(format!("threadbook-clip-{}", std::process::id()));
//! let (progress, received) = mpsc::channel();
//! let clip = YouTube::new("https://www.youtube.com/watch?v=BxuY9FET9Y4")
//!     .on_progress(move |stream, _chunk, bytes_remaining| {
//!         let done = stream.filesize() - bytes_remaining;
//!         progress.send(done as f64 / stream.filesize() as f64 * 100.0).unwrap();
//!     })
//!     .on_complete(|_stream, path| println!("{} is there", path.display()));
//!
//! let wanted = Filter::new().adaptive(true).file_extension("mp4");
//! let stream = clip.streams()?.filter(wanted).first().unwrap();
//! let path = stream.download(&dir)?;
//! assert_eq!(fs::metadata(&path).unwrap().len(), stream.filesize());
//! assert_eq!(received.try_iter().last(), Some(100.0));
//! # fs::remove_dir_all(dir).unwrap();
//! # Ok::<(), youtube::Error>(())
//! ```
//!
//! In the class network (see [`requests`](crate::requests)) there is only this clip, which is our own. Its download
//! takes two seconds, so that a progress bar is visible. On the internet, the program
//! [yt-dlp](https://github.com/yt-dlp/yt-dlp), which must be installed, finds the streams of a clip.
//!
//! | Python | Rust |
//! | --- | --- |
//! | `YouTube(url, on_progress_callback=f, on_complete_callback=g)` | [`YouTube::new(url)`](YouTube)`.on_progress(f).on_complete(g)` |
//! | `youtube.title` | `youtube.title()?` |
//! | `youtube.streams` | `youtube.streams()?` |
//! | `.filter(adaptive=True, file_extension="mp4")` | `.filter(`[`Filter::new()`](Filter)`.adaptive(true).file_extension("mp4"))` |
//! | `.first()`, `None` if there is none | `.first()`, an `Option` |
//! | `stream.filesize`, `stream.resolution`, `stream.mime_type` | `stream.filesize()`, `stream.resolution()`, `stream.mime_type()` |
//! | `stream.download("folder")`, the path | `stream.download("folder")?`, the path |
//!
//! # What can go wrong
//!
//! A broken connection is reopened, and the download goes on where it was. If that does not help, or the disk is full,
//! `download` returns an error, and there is neither a file with the name of the clip nor half of one.

mod download;
mod error;
mod query;
mod stream;
mod stream_reader;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::stream::Callbacks;
use crate::network::{self, Clip, Network};
use crate::sync::lock;

pub use error::Error;
pub use query::{Filter, StreamQuery};
pub use stream::Stream;

/// A clip: Python's `pytube.YouTube`.
#[derive(Clone)]
pub struct YouTube {
    url: String,
    network: Option<Network>,
    chunk_size: Option<usize>,
    timeout: Option<Duration>,
    callbacks: Arc<Callbacks>,
    /// Looked up at the first use.
    found: Arc<Mutex<Option<FoundClip>>>,
}

/// A clip, and the network that it was found in.
type FoundClip = (Network, Arc<Clip>);

impl YouTube {
    /// Creates the clip that can be watched at `url`. This makes no request yet.
    pub fn new(url: impl Into<String>) -> YouTube {
        YouTube {
            url: url.into(),
            network: None,
            chunk_size: None,
            timeout: Some(Duration::from_secs(30)),
            callbacks: Arc::default(),
            found: Arc::default(),
        }
    }

    /// Calls `f` after each chunk that was written, with the stream, the chunk, and the number of remaining bytes.
    pub fn on_progress(self, f: impl FnMut(&Stream, &[u8], u64) + Send + 'static) -> YouTube {
        *lock(&self.callbacks.progress) = Some(Box::new(f));
        self
    }

    /// Calls `f` when a stream is on the disk, even if it was there before.
    pub fn on_complete(self, f: impl FnMut(&Stream, &Path) + Send + 'static) -> YouTube {
        *lock(&self.callbacks.complete) = Some(Box::new(f));
        self
    }

    /// Sets the size of a chunk in bytes. By default a hundredth of the stream, and at least 1024.
    pub fn chunk_size(mut self, bytes: usize) -> YouTube {
        self.chunk_size = Some(bytes.max(1));
        self
    }

    /// Sets how long to wait for the next bytes of a stream. 30 s by default; `None` waits for ever.
    pub fn timeout(mut self, limit: impl Into<Option<Duration>>) -> YouTube {
        self.timeout = limit.into();
        self
    }

    /// Sets the network. That of [`requests::network`](crate::requests::network) by default.
    pub fn network(mut self, network: Network) -> YouTube {
        self.network = Some(network);
        self
    }

    /// Returns the title of the clip.
    ///
    /// # Errors
    /// As [`YouTube::streams`].
    pub fn title(&self) -> Result<String, Error> {
        Ok(self.find()?.1.title.clone())
    }

    /// Returns the streams of the clip: the files that it can be downloaded as. The clip is looked up once.
    ///
    /// # Errors
    /// [`Error::Request`] if the class network has no such clip or the internet cannot be reached, [`Error::YtDlp`] if
    /// yt-dlp is missing or finds nothing.
    pub fn streams(&self) -> Result<StreamQuery, Error> {
        let (network, clip) = self.find()?;
        let streams = (0..clip.streams.len())
            .map(|number| Stream {
                clip: clip.clone(),
                number,
                network,
                chunk_size: self.chunk_size,
                timeout: self.timeout,
                callbacks: self.callbacks.clone(),
            })
            .collect();
        Ok(StreamQuery::new(streams))
    }

    fn find(&self) -> Result<FoundClip, Error> {
        let mut found = lock(&self.found);
        if let Some(known) = &*found {
            return Ok(known.clone());
        }
        let network = match self.network {
            Some(network) => network,
            None => network::selected()?,
        };
        let clip = Arc::new(Clip::find(&self.url, network)?);
        Ok(found.insert((network, clip)).clone())
    }
}

impl fmt::Debug for YouTube {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YouTube")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
