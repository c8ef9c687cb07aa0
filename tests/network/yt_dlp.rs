//! Clips that the real yt-dlp finds on a local page with a video.

use crate::apart;
use crate::server::{Server, write};
use std::env;
use std::fs;
use std::path::Path;
use support::tools::{self, need};
use threadbook::prelude::*;
use threadbook::requests::Network;
use threadbook::youtube::Error;

const PAGE_VAR: &str = "THREADBOOK_TEST_PAGE";

fn clip() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("network/clip/small.mp4")).unwrap()
}

#[test]
fn a_video_on_a_page_is_downloaded() {
    if apart::inside() {
        return download(&env::var(PAGE_VAR).unwrap());
    }
    need!(python);
    let server = Server::plain(|request, stream| {
        let whole = clip();
        match (request.path.as_str(), request.range()) {
            ("/page.html", _) => write(
                stream,
                "200 OK\r\ncontent-type: text/html",
                b"<!doctype html><html><head><title>A page with a video</title></head>\
                  <body><video src=\"/files/small.mp4\" controls></video></body></html>",
            ),
            ("/files/small.mp4", None) => {
                write(stream, "200 OK\r\ncontent-type: video/mp4", &whole)
            }
            ("/files/small.mp4", Some((first, last))) => {
                let last = last.min(whole.len() - 1);
                let head = format!(
                    "206 Partial Content\r\ncontent-type: video/mp4\r\ncontent-range: bytes {first}-{last}/{}",
                    whole.len()
                );
                write(stream, &head, &whole[first..=last])
            }
            _ => write(stream, "404 Not Found", b""),
        }
    });
    let mut command = apart::command("yt_dlp::a_video_on_a_page_is_downloaded", &[]);
    command
        .env(
            "PATH",
            apart::path_with(tools::python().unwrap().join("bin")),
        )
        .env(PAGE_VAR, server.url("http", "/page.html"));
    apart::expect_pass(command);
}

fn download(page: &str) {
    let folder = tempfile::tempdir().unwrap();
    let clip_found = YouTube::new(page).network(Network::Live);
    assert!(clip_found.title().unwrap().contains("A page with a video"));
    let streams = clip_found.streams().unwrap();
    let stream = streams
        .filter(Filter::new().file_extension("mp4"))
        .first()
        .unwrap();
    // Only the server knows the length.
    assert_eq!(stream.filesize(), clip().len() as u64);
    let path = stream.download(folder.path()).unwrap();
    assert_eq!(fs::read(path).unwrap(), clip());

    let error = YouTube::new(page.replace("page.html", "none.html"))
        .network(Network::Live)
        .streams()
        .unwrap_err();
    assert!(matches!(error, Error::YtDlp(_)), "{error:?}");
    assert!(
        error.to_string().contains("yt-dlp found no clip at") && error.to_string().contains("404"),
        "{error}"
    );
}
