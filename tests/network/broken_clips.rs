//! Clips whose bytes do not arrive as they should. A stand-in for yt-dlp finds them, which returns the file beside the
//! page.

use crate::apart;
use crate::server::{Answer, Request, Server, write};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use threadbook::prelude::*;
use threadbook::requests::{Error as RequestError, Network};
use threadbook::youtube::Error;

const URL_VAR: &str = "THREADBOOK_TEST_URL";

const SIZE: usize = 100_000;

/// Prints the part of yt-dlp's output that is read. The last argument is the page; the file has its path and 100000
/// bytes.
const FINDER: &str = r#"#!/bin/sh
for page; do :; done
case $page in
    *fails) echo "noise" >&2; echo "ERROR: [generic] no video there" >&2; exit 1;;
    *nonsense) echo "no JSON"; exit 0;;
esac
cat <<END
{"title": "a/b: c?", "formats": [
    {"format_id": "1", "url": "$page", "protocol": "m3u8_native", "ext": "mp4"},
    {"format_id": "2", "url": "$page", "protocol": "http", "ext": "mp4", "filesize": 100000,
     "http_headers": {"X-Wanted": "yes"}}
]}
END
"#;

fn content() -> Vec<u8> {
    (0..SIZE).map(|at| (at * at / 7) as u8).collect()
}

/// Runs test `name` in a process whose `yt-dlp` is the stand-in.
#[track_caller]
fn with_finder(name: &str, url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let finder = folder.path().join("yt-dlp");
    fs::write(&finder, FINDER).unwrap();
    fs::set_permissions(&finder, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = apart::command(&format!("broken_clips::{name}"), &[]);
    command
        .env("PATH", apart::path_with(folder.path().to_owned()))
        .env(URL_VAR, url);
    apart::expect_pass(command);
}

/// In that process: downloads the clip, returns the error, if there was one, and checks what is on the disk.
fn download() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap();
    let clip = YouTube::new(std::env::var(URL_VAR).unwrap())
        .network(Network::Live)
        .timeout(Duration::from_millis(500));
    let stream = clip.streams()?.first().unwrap();
    assert_eq!((stream.itag(), stream.filesize()), ("2", SIZE as u64));
    let result = stream.download(folder.path());
    let found: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    match &result {
        Ok(path) => {
            assert_eq!(path, &folder.path().join("ab c.mp4"));
            assert_eq!(&found, std::slice::from_ref(path));
            assert!(fs::read(path).unwrap() == content());
        }
        Err(_) => assert!(found.is_empty(), "{found:?}"),
    }
    result.map(drop)
}

/// Answers as a correct server does, but stops after `most` bytes.
fn write_part(request: &Request, stream: &mut dyn Answer, most: usize) -> io::Result<()> {
    assert_eq!(request.header("x-wanted"), Some("yes"));
    let (first, last) = request.range().unwrap();
    let length = last - first + 1;
    write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {first}-{last}/{SIZE}\r\ncontent-length: {length}\r\n\r\n"
    )?;
    stream.write_all(&content()[first..][..length.min(most)])
}

#[test]
fn a_connection_that_breaks_again_and_again() {
    if apart::inside() {
        return download().unwrap();
    }
    let server = Server::plain(|request, stream| write_part(request, stream, 30_000));
    with_finder(
        "a_connection_that_breaks_again_and_again",
        &server.url("http", "/clip"),
    );
    let ranges: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.range().unwrap())
        .collect();
    assert_eq!(
        ranges,
        [
            (0, 99_999),
            (30_000, 99_999),
            (60_000, 99_999),
            (90_000, 99_999)
        ]
    );
}

#[test]
fn a_server_that_knows_no_parts() {
    if apart::inside() {
        return download().unwrap();
    }
    let tries = AtomicUsize::new(0);
    let server = Server::plain(move |_, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n")?;
        let most = if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            40_000
        } else {
            SIZE
        };
        stream.write_all(&content()[..most])
    });
    with_finder("a_server_that_knows_no_parts", &server.url("http", "/clip"));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_server_that_is_busy_for_a_moment() {
    if apart::inside() {
        return download().unwrap();
    }
    let tries = AtomicUsize::new(0);
    let server =
        Server::plain(
            move |request, stream| match tries.fetch_add(1, Ordering::Relaxed) {
                0..3 => write(stream, "503 Service Unavailable", b""),
                _ => write_part(request, stream, SIZE),
            },
        );
    with_finder(
        "a_server_that_is_busy_for_a_moment",
        &server.url("http", "/clip"),
    );
}

#[test]
fn a_connection_that_never_gets_further() {
    if apart::inside() {
        let error = download().unwrap_err();
        assert!(
            matches!(error, Error::Request(RequestError::Broken(_))),
            "{error:?}"
        );
        return;
    }
    let server = Server::plain(|request, stream| {
        let (first, _) = request.range().unwrap();
        write_part(request, stream, 50_000usize.saturating_sub(first))
    });
    with_finder(
        "a_connection_that_never_gets_further",
        &server.url("http", "/clip"),
    );
    // The first request got something before it broke; none of the others did.
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn a_server_that_falls_silent() {
    if apart::inside() {
        let error = download().unwrap_err();
        assert!(
            matches!(error, Error::Request(RequestError::Timeout(_))),
            "{error:?}"
        );
        return;
    }
    let server = Server::plain(|request, stream| {
        let (first, _) = request.range().unwrap();
        write_part(request, stream, 50_000usize.saturating_sub(first))?;
        stream.flush()?;
        std::thread::sleep(Duration::from_secs(5));
        Ok(())
    });
    with_finder("a_server_that_falls_silent", &server.url("http", "/clip"));
}

#[test]
fn a_clip_that_is_gone() {
    if apart::inside() {
        let error = download().unwrap_err();
        assert!(
            matches!(error, Error::Request(RequestError::Status(404, _))),
            "{error:?}"
        );
        return;
    }
    let server = Server::plain(|_, stream| write(stream, "404 Not Found", b""));
    with_finder("a_clip_that_is_gone", &server.url("http", "/clip"));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_clip_that_becomes_another() {
    if apart::inside() {
        let error = download().unwrap_err();
        assert!(matches!(error, Error::Changed(_)), "{error:?}");
        return;
    }
    let paths = ["/longer", "/other-tag", "/shorter-whole", "/no-range"];
    let server = Server::plain(|request, stream| {
        let (first, last) = request.range().unwrap();
        let (tag, total) = match (request.path.as_str(), first) {
            ("/shorter-whole", _) => return write(stream, "200 OK", &content()[1..]),
            ("/no-range", _) => return write(stream, "416 Range Not Satisfiable", b""),
            ("/longer", 1..) => ("one", SIZE + 1),
            ("/other-tag", 1..) => ("two", SIZE),
            _ => ("one", SIZE),
        };
        let length = last - first + 1;
        write!(
            stream,
            "HTTP/1.1 206 Partial Content\r\netag: \"{tag}\"\r\ncontent-range: bytes {first}-{last}/{total}\r\n\
             content-length: {length}\r\n\r\n"
        )?;
        stream.write_all(&content()[first..][..length.min(20_000)])
    });
    for path in paths {
        with_finder("a_clip_that_becomes_another", &server.url("http", path));
    }
}

#[test]
fn a_server_that_sends_too_much() {
    if apart::inside() {
        return download().unwrap();
    }
    let server = Server::plain(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        stream.write_all(&content())?;
        loop {
            stream.write_all(b"and more")?;
        }
    });
    with_finder("a_server_that_sends_too_much", &server.url("http", "/clip"));
}

#[test]
fn a_finder_that_finds_nothing() {
    if apart::inside() {
        let Error::YtDlp(message) = download().unwrap_err() else {
            panic!("another error");
        };
        let url = std::env::var(URL_VAR).unwrap();
        match url.ends_with("fails") {
            true => assert_eq!(
                message,
                format!("yt-dlp found no clip at {url}: [generic] no video there")
            ),
            false => assert!(
                message.starts_with("yt-dlp did not print JSON"),
                "{message}"
            ),
        }
        return;
    }
    for path in ["fails", "nonsense"] {
        with_finder(
            "a_finder_that_finds_nothing",
            &format!("http://localhost/{path}"),
        );
    }
}

#[test]
fn no_finder() {
    if apart::inside() {
        let Error::YtDlp(message) = download().unwrap_err() else {
            panic!("another error");
        };
        assert!(
            message.contains("not installed") && message.contains("pip install yt-dlp"),
            "{message}"
        );
        return;
    }
    let mut command = apart::command("broken_clips::no_finder", &[]);
    command
        .env("PATH", "")
        .env(URL_VAR, "http://localhost/clip");
    apart::expect_pass(command);
}
