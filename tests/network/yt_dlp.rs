//! Clips found by the real yt-dlp, on a page of ours with a video in it.

use crate::apart;
use crate::server::{Server, write};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use threadbook::prelude::*;
use threadbook::requests::Network;
use threadbook::youtube::Error;

const PAGE_VAR: &str = "THREADBOOK_TEST_PAGE";

fn clip() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("network/clip/small.mp4")).unwrap()
}

#[test]
fn a_page_with_a_video() {
    if apart::inside() {
        return download(&env::var(PAGE_VAR).unwrap());
    }
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
    let mut command = apart::command("yt_dlp::a_page_with_a_video", &[]);
    command
        .env("PATH", apart::path_with(environment().join("bin")))
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
    // Only the server knows its size.
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

/// A Python environment with yt-dlp, created once in the build directory.
fn environment() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
    let requirements = fs::read_to_string(requirements).unwrap();
    let wanted = requirements
        .lines()
        .find(|line| line.starts_with("yt-dlp=="))
        .expect("yt-dlp in requirements.txt");
    let folder = place.join("yt-dlp");
    // Released at the end of the function.
    let lock = File::create(place.join("yt-dlp.lock")).unwrap();
    lock.lock().unwrap();
    let stamp = folder.join("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return folder;
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder));
    run(Command::new(folder.join("bin/python")).args(["-m", "pip", "install", "--quiet", wanted]));
    fs::write(stamp, wanted).unwrap();
    folder
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().expect("Python starts");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
