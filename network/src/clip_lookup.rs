//! Looks a clip up.

use crate::class::{self, NotInClass};
use crate::client::Network;
use crate::clip::{Clip, Stream};
use crate::failure::Failure;
use crate::interface::Kind;
use crate::settings::Settings;
use crate::yt_dlp;

impl Network {
    /// Looks a clip up: in the class network, or with yt-dlp.
    pub fn find_clip(&self, url: &str, live: bool) -> Result<Clip, Failure> {
        if !live {
            return of_class(url);
        }
        let mut clip = yt_dlp::find(url)?;
        for stream in &mut clip.streams {
            if stream.size.is_none() {
                stream.size = self.size_of(stream)?;
            }
        }
        clip.streams.retain(|stream| stream.size.is_some());
        if clip.streams.is_empty() {
            let message = format!("{url} has no stream that can be downloaded directly");
            return Err(Failure::new(Kind::YtDlp, message));
        }
        Ok(clip)
    }

    /// Returns the size of a stream, if its server reports it: this requests the first byte.
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
