//! What streams a clip has, and where.

use crate::class::{self, NotInClass};
use crate::client::{Network, Settings};
use crate::failure::Failure;
use crate::interface;
use crate::interface::Kind;
use crate::yt_dlp;

pub struct Clip {
    pub title: String,
    pub streams: Vec<Stream>,
}

/// One of the files that a clip can be had as; see [`interface::Stream`].
#[derive(Debug, PartialEq, Eq)]
pub struct Stream {
    pub itag: String,
    pub url: String,
    /// `Name: value` lines.
    pub headers: String,
    pub extension: String,
    pub resolution: String,
    /// In bytes, if it is known.
    pub size: Option<u64>,
    pub has_video: bool,
    pub has_audio: bool,
}

impl Clip {
    /// Looks a clip up: in the class network, or by yt-dlp.
    pub fn find(network: &Network, url: &str, live: bool) -> Result<Clip, Failure> {
        if !live {
            return of_class(url);
        }
        let mut clip = yt_dlp::find(url)?;
        for stream in &mut clip.streams {
            if stream.size.is_none() {
                stream.size = network.size_of(stream)?;
            }
        }
        clip.streams.retain(|stream| stream.size.is_some());
        if clip.streams.is_empty() {
            let message = format!("{url} has no stream that can be saved as it is");
            return Err(Failure::new(Kind::YtDlp, message));
        }
        Ok(clip)
    }
}

fn of_class(url: &str) -> Result<Clip, Failure> {
    if !class::is_clip(url) {
        let unknown = NotInClass(url.to_owned());
        return Err(Failure::new(Kind::NotInClass, unknown.to_string()));
    }
    Ok(Clip {
        title: class::CLIP_TITLE.to_owned(),
        streams: class::clip_streams(),
    })
}

impl Network {
    /// How long a stream is, if its server tells: it is asked for the first byte.
    fn size_of(&self, stream: &Stream) -> Result<Option<u64>, Failure> {
        let headers = format!("{}range: bytes=0-0\n", stream.headers);
        let answer = self.open(&stream.url, &headers, Settings::usual(true))?;
        let size = match answer.head().status {
            206 => answer
                .header("content-range")
                .and_then(|range| range.rsplit_once('/'))
                .and_then(|(_, total)| total.parse().ok()),
            200 => answer
                .header("content-length")
                .and_then(|length| length.parse().ok()),
            _ => None,
        };
        Ok(size)
    }
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
