//! Reads the bytes of a stream, over as many connections as it takes.

use std::thread;
use std::time::Duration;

use super::error::Error;
use crate::network::{ClipStream, Failure, Kind, Network, Request, Transfer};
use crate::requests;

/// How many bytes to request at a time. Sites throttle clients that request more (pytube and yt-dlp request about as
/// many).
const RANGE_SIZE: u64 = 9 * 1024 * 1024;

/// How often in a row reading may fail without a byte in between.
const MAX_ATTEMPTS: u32 = 5;

/// The delay before the third attempt, which doubles with each further one. There is none before the second.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Where the bytes of a stream come from.
#[derive(Clone, Copy)]
pub(super) struct StreamSource<'a> {
    pub(super) info: &'a ClipStream,
    pub(super) network: Network,
    pub(super) timeout: Option<Duration>,
}

/// Reads a stream from its beginning to its end.
pub(super) struct StreamReader<'a> {
    info: &'a ClipStream,
    request: Request,
    position: u64,
    /// The current transfer, and the position at which it ends.
    current: Option<(Transfer, u64)>,
    /// The server's tag of this version of the stream, if it has one.
    etag: Option<String>,
    failures: u32,
}

/// Why bytes did not arrive.
enum ReadError {
    /// Trying again may help.
    Transient(Error),
    Permanent(Error),
}

impl<'a> StreamReader<'a> {
    pub(super) fn new(source: StreamSource<'a>) -> StreamReader<'a> {
        StreamReader {
            info: source.info,
            request: Request {
                network: source.network,
                headers: String::new(),
                verify: String::new(),
                timeout: source.timeout,
                max_redirects: 10,
            },
            position: 0,
            current: None,
            etag: None,
            failures: 0,
        }
    }

    /// Fills `buffer`. A broken connection is reopened.
    pub(super) fn read_exact(&mut self, mut buffer: &mut [u8]) -> Result<(), Error> {
        while !buffer.is_empty() {
            match self.read(buffer) {
                Ok(count) => {
                    buffer = &mut buffer[count..];
                    self.failures = 0;
                }
                Err(ReadError::Permanent(error)) => return Err(error),
                Err(ReadError::Transient(error)) => {
                    self.current = None;
                    self.failures += 1;
                    match self.failures {
                        MAX_ATTEMPTS.. => return Err(error),
                        1 => {}
                        failures => thread::sleep(RETRY_DELAY * 2u32.pow(failures - 2)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads some bytes, at least one.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let (transfer, end) = match &mut self.current {
            Some(current) => current,
            none => none.insert(open(
                self.info,
                &mut self.request,
                self.position,
                &mut self.etag,
            )?),
        };
        let length = usize::try_from(*end - self.position)
            .map_or(buffer.len(), |left| left.min(buffer.len()));
        let count = transfer.read(&mut buffer[..length])?;
        if count == 0 {
            let message = format!(
                "{} ended after {} of {} bytes",
                self.info.url, self.position, self.info.size
            );
            return Err(ReadError::Transient(
                requests::Error::Broken(message).into(),
            ));
        }
        self.position += count as u64;
        if self.position == *end {
            self.current = None;
        }
        Ok(count)
    }
}

/// Requests the stream from `position` on. Also returns where the response ends.
fn open(
    info: &ClipStream,
    request: &mut Request,
    position: u64,
    etag: &mut Option<String>,
) -> Result<(Transfer, u64), ReadError> {
    let size = info.size;
    let end = size.min(position + RANGE_SIZE);
    request.headers = format!("{}range: bytes={position}-{}\n", info.headers, end - 1);
    let mut transfer = Transfer::open(&info.url, request)?;
    let changed = || {
        let message = format!(
            "{} has changed since it was looked up: look the clip up again",
            info.url
        );
        Err(ReadError::Permanent(Error::Changed(message)))
    };
    let (first, end, total) = match transfer.status() {
        // The whole stream, since the server does not support ranges.
        200 => {
            let length = transfer
                .header("content-length")
                .and_then(|length| length.parse().ok());
            (0, size, length.unwrap_or(size))
        }
        206 => match transfer.header("content-range").and_then(parse_range) {
            Some((first, total)) => (first, end, total),
            None => return changed(),
        },
        416 => return changed(),
        status => {
            let error = Error::from(requests::of_status(status, transfer.url()));
            return Err(match status {
                408 | 429 | 500.. => ReadError::Transient(error),
                _ => ReadError::Permanent(error),
            });
        }
    };
    let tag = transfer.header("etag").map(str::to_owned);
    let other_tag = etag.is_some() && tag.is_some() && *etag != tag;
    if total != size || first > position || other_tag {
        return changed();
    }
    *etag = tag.or(etag.take());
    skip(&mut transfer, position - first)?;
    Ok((transfer, end))
}

/// Returns the first byte and the total length in `bytes FIRST-LAST/TOTAL` (RFC 9110, 14.4).
fn parse_range(value: &str) -> Option<(u64, u64)> {
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.parse().ok()?, total.parse().ok()?))
}

fn skip(transfer: &mut Transfer, mut count: u64) -> Result<(), ReadError> {
    let mut buffer = vec![0; 64 * 1024];
    while count > 0 {
        let length = usize::try_from(count).map_or(buffer.len(), |left| left.min(buffer.len()));
        match transfer.read(&mut buffer[..length])? {
            0 => {
                let message = format!("{} ended too early", transfer.url());
                return Err(ReadError::Transient(
                    requests::Error::Broken(message).into(),
                ));
            }
            skipped => count -= skipped as u64,
        }
    }
    Ok(())
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> ReadError {
        let passing = matches!(
            failure.kind,
            Kind::Dns | Kind::Refused | Kind::Connect | Kind::Timeout | Kind::Broken
        );
        match passing {
            true => ReadError::Transient(failure.into()),
            false => ReadError::Permanent(failure.into()),
        }
    }
}
