//! The errors of clips.

use std::{error, fmt, io};

use crate::network::{Failure, Kind};
use crate::requests;

/// Why a clip, or a stream of it, cannot be downloaded. Each error has one line that says what happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request failed, or its bytes did not arrive.
    Request(requests::Error),
    /// The program yt-dlp is missing, or finds nothing.
    YtDlp(String),
    /// The file cannot be written.
    File(io::Error),
    /// The stream is no longer the one that was looked up.
    Changed(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Request(error) => error.fmt(f),
            Error::File(error) => error.fmt(f),
            Error::YtDlp(message) | Error::Changed(message) => f.write_str(message),
        }
    }
}

// The message is that of the inner error, so that error is not its source.
impl error::Error for Error {}

impl From<requests::Error> for Error {
    fn from(error: requests::Error) -> Error {
        Error::Request(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure.kind {
            Kind::YtDlp => Error::YtDlp(failure.message),
            _ => Error::Request(failure.into()),
        }
    }
}
