//! Finds the streams of a clip: in the class network, or with yt-dlp.

use crate::class::{self, NotInClass};
use crate::client::Network;
use crate::clip::{Clip, Stream};
use crate::failure::Failure;
use crate::interface::Kind;
use crate::settings::Settings;
use crate::yt_dlp;

/// Finds the clip at `url`: with yt-dlp if `live`, otherwise in the class network.
pub fn find(network: &Network, url: &str, live: bool) -> Result<Clip, Failure> {
    if !live {
        return in_class(url);
    }
    let mut clip = yt_dlp::find(url)?;
    for stream in &mut clip.streams {
        if stream.size.is_none() {
            stream.size = size(network, stream)?;
        }
    }
    clip.streams.retain(|stream| stream.size.is_some());
    if clip.streams.is_empty() {
        let message = format!("{url} has no stream that can be downloaded directly");
        return Err(Failure::new(Kind::YtDlp, message));
    }
    Ok(clip)
}

fn in_class(url: &str) -> Result<Clip, Failure> {
    if !class::is_clip(url) {
        let unknown = NotInClass(url.to_owned());
        return Err(Failure::new(Kind::NotInClass, unknown.to_string()));
    }
    Ok(Clip {
        title: class::CLIP_TITLE.to_owned(),
        streams: class::clip_streams(),
    })
}

/// Requests the first byte of a stream and returns the stream's size, if the server sends it.
fn size(network: &Network, stream: &Stream) -> Result<Option<u64>, Failure> {
    let headers = format!("{}range: bytes=0-0\n", stream.headers);
    let response = network.open(&stream.url, &headers, Settings::defaults(true))?;
    let size = match response.head().status {
        206 => response
            .header("content-range")
            .and_then(|range| range.rsplit_once('/'))
            .and_then(|(_, total)| total.parse().ok()),
        200 => response
            .header("content-length")
            .and_then(|length| length.parse().ok()),
        _ => None,
    };
    Ok(size)
}
