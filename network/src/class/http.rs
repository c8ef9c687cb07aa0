//! The part of HTTP/1.1 (RFC 9112) that the class network needs: one request per connection.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

/// The longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 8192;

pub struct Request {
    pub method: String,
    /// With the query.
    pub path: String,
    pub host: String,
    range: Option<String>,
}

/// A response.
pub struct Answer {
    pub status: u16,
    /// `Name: value` lines, each ended by `\r\n`.
    pub headers: String,
    pub body: Cow<'static, [u8]>,
    /// The delay before the response begins.
    pub delay: Duration,
    /// How many bytes to send per second; `None` for as many as possible.
    pub pace: Option<u32>,
}

impl Request {
    /// Reads the head of a request; `None` if there is none, or it is not HTTP.
    pub fn read(stream: &mut impl Read) -> io::Result<Option<Request>> {
        let mut head = Vec::new();
        let mut piece = [0; 1024];
        while head.len() < MAX_HEAD_BYTES {
            let count = stream.read(&mut piece)?;
            if count == 0 {
                break;
            }
            head.extend_from_slice(&piece[..count]);
            let mut headers = [httparse::EMPTY_HEADER; 32];
            let mut request = httparse::Request::new(&mut headers);
            match request.parse(&head) {
                Ok(httparse::Status::Complete(_)) => return Ok(Some(Request::of(&request))),
                Ok(httparse::Status::Partial) => {}
                Err(_) => break,
            }
        }
        Ok(None)
    }

    fn of(request: &httparse::Request<'_, '_>) -> Request {
        let header = |name: &str| {
            let found = request
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(found.value).into_owned())
        };
        Request {
            method: request.method.unwrap_or_default().to_owned(),
            path: request.path.unwrap_or_default().to_owned(),
            host: header("host").unwrap_or_default(),
            range: header("range"),
        }
    }

    /// Returns the requested part of a body of this length: `bytes=FIRST-LAST` or `bytes=FIRST-`. Other forms are
    /// ignored, as RFC 9110 (14.2) allows. `Err` if the body has no such part.
    fn part(&self, length: usize) -> Option<Result<Range<usize>, ()>> {
        let (first, last) = self
            .range
            .as_deref()?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        let first: usize = first.parse().ok()?;
        let end = match last {
            "" => length,
            last => last.parse::<usize>().ok()?.saturating_add(1).min(length),
        };
        Some(if first < end { Ok(first..end) } else { Err(()) })
    }
}

/// Writes a response, or the requested part of it.
pub fn write(stream: &mut impl Write, request: &Request, answer: &Answer) -> io::Result<()> {
    let length = answer.body.len();
    let (status, part, range) = match request.part(length).filter(|_| answer.status == 200) {
        None => (answer.status, 0..length, String::new()),
        Some(Ok(part)) => {
            let (first, last) = (part.start, part.end - 1);
            let range = format!("content-range: bytes {first}-{last}/{length}\r\n");
            (206, part, range)
        }
        Some(Err(())) => (416, 0..0, format!("content-range: bytes */{length}\r\n")),
    };
    let head = format!(
        "HTTP/1.1 {status} {}\r\n{}{range}accept-ranges: bytes\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        reason(status),
        answer.headers,
        part.len(),
    );
    stream.write_all(head.as_bytes())?;
    stream.flush()?;
    if request.method == "HEAD" {
        return Ok(());
    }
    let body = &answer.body[part];
    match answer.pace {
        None => stream.write_all(body)?,
        Some(pace) => write_at_pace(stream, body, pace)?,
    }
    stream.flush()
}

fn write_at_pace(stream: &mut impl Write, body: &[u8], pace: u32) -> io::Result<()> {
    const PIECES_A_SECOND: u32 = 100;
    let began = Instant::now();
    let piece = (pace / PIECES_A_SECOND).max(1) as usize;
    for (number, piece) in (1..).zip(body.chunks(piece)) {
        let due = began + number * Duration::from_secs(1) / PIECES_A_SECOND;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.write_all(piece)?;
        stream.flush()?;
    }
    Ok(())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        404 => "Not Found",
        405 => "Method Not Allowed",
        416 => "Range Not Satisfiable",
        _ => "",
    }
}
