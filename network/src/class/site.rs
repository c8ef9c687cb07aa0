//! The responses of the sites of the class network.

use super::http::{Answer, Request};
use super::pages;
use crate::clip::Stream;
use std::borrow::Cow;
use std::time::Duration;

/// The host names of the class network, in the order of their pages.
pub const HOSTS: [&str; 4] = ["github.com", "google.com", "example.com", CLIP_HOST];

/// The pages that can be requested.
pub const PAGES: [&str; 3] = [
    "https://example.com",
    "https://google.com",
    "https://github.com",
];

/// Where a person would watch the clip.
pub const WATCH_URL: &str = "https://www.youtube.com/watch?v=BxuY9FET9Y4";

pub const CLIP_TITLE: &str = "Two threads, one core";

const CLIP_HOST: &str = "www.youtube.com";
const CLIP_ID: &str = "BxuY9FET9Y4";
const CLIP_PATH: &str = "/videoplayback";
const CLIP_QUERY: &str = "itag=";

/// A clip of our own (`clip/make.py`): H.264 in MP4, 8 s. The first stream has only video, 640 x 360; the other, 320 x
/// 180, has audio too.
const PICTURE: (&str, &[u8]) = ("134", include_bytes!("../../clip/picture.mp4"));
const SMALL: (&str, &[u8]) = ("18", include_bytes!("../../clip/small.mp4"));

/// How many seconds the download of the clip takes.
const CLIP_SECONDS: u32 = 2;

/// Returns whether this is a URL of the clip.
pub fn is_clip(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or(url);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let query = match rest.split_once('?') {
        Some(("youtube.com/watch", query)) => query,
        _ => {
            return rest
                .strip_prefix("youtu.be/")
                .is_some_and(|id| id.split('?').next() == Some(CLIP_ID));
        }
    };
    query
        .split('&')
        .any(|pair| pair.strip_prefix("v=") == Some(CLIP_ID))
}

/// The streams of the clip.
pub fn clip_streams() -> Vec<Stream> {
    let stream = |(itag, bytes): (&str, &[u8]), resolution: &str, has_audio| Stream {
        itag: itag.to_owned(),
        url: format!("https://{CLIP_HOST}{CLIP_PATH}?{CLIP_QUERY}{itag}"),
        headers: String::new(),
        extension: "mp4".to_owned(),
        resolution: resolution.to_owned(),
        size: Some(bytes.len() as u64),
        has_video: true,
        has_audio,
    };
    vec![stream(SMALL, "180p", true), stream(PICTURE, "360p", false)]
}

pub fn answer(request: &Request) -> Answer {
    if request.method != "GET" && request.method != "HEAD" {
        return Answer {
            status: 405,
            headers: "allow: GET, HEAD\r\n".to_owned(),
            ..missing()
        };
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    match (request.host.as_str(), path) {
        ("github.com", "/") => page(pages::github(), 60),
        ("google.com", "/") => page(pages::google(), 350),
        ("example.com", "/") => page(pages::example(), 700),
        (CLIP_HOST, CLIP_PATH) => clip(query).unwrap_or_else(missing),
        _ => missing(),
    }
}

fn clip(query: &str) -> Option<Answer> {
    let wanted = query.strip_prefix(CLIP_QUERY)?;
    let (_, bytes) = [PICTURE, SMALL]
        .into_iter()
        .find(|(itag, _)| *itag == wanted)?;
    Some(Answer {
        status: 200,
        headers: "content-type: video/mp4\r\n".to_owned(),
        body: Cow::Borrowed(bytes),
        delay: Duration::ZERO,
        pace: Some(bytes.len() as u32 / CLIP_SECONDS),
    })
}

/// Redirects to https, as sites do.
pub fn redirect_to_secure(request: &Request) -> Answer {
    Answer {
        status: 301,
        headers: format!("location: https://{}{}\r\n", request.host, request.path),
        body: Cow::default(),
        delay: Duration::ZERO,
        pace: None,
    }
}

fn page(body: String, milliseconds: u64) -> Answer {
    Answer {
        status: 200,
        headers: "content-type: text/html; charset=utf-8\r\n".to_owned(),
        body: Cow::Owned(body.into_bytes()),
        delay: Duration::from_millis(milliseconds),
        pace: None,
    }
}

fn missing() -> Answer {
    Answer {
        status: 404,
        ..page(pages::missing(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clip_is_known_by_its_id() {
        for url in [
            WATCH_URL,
            "https://youtube.com/watch?v=BxuY9FET9Y4",
            "https://www.youtube.com/watch?t=4&v=BxuY9FET9Y4",
            "https://youtu.be/BxuY9FET9Y4",
            "https://youtu.be/BxuY9FET9Y4?t=4",
        ] {
            assert!(is_clip(url), "{url}");
        }
        for url in [
            "https://www.youtube.com/watch?v=BxuY9FET9Y5",
            "https://www.youtube.com/",
            "https://example.com/watch?v=BxuY9FET9Y4",
            "",
        ] {
            assert!(!is_clip(url), "{url}");
        }
    }
}
