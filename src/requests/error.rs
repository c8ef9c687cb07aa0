//! The errors of requests.

use std::{error, fmt};

use crate::network::{Failure, Kind};

/// Why a request failed. Each error has one line that says what happened.
///
/// ```
/// use threadbook::prelude::*;
///
/// let error = requests::get("example.com").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid URL \"example.com\": missing scheme, as in https://example.com"
/// );
/// ```
///
/// | Python | Rust |
/// | --- | --- |
/// | `requests.exceptions.InvalidURL`, `MissingSchema`, `InvalidHeader` | `Invalid` |
/// | `requests.ConnectionError` | `Dns`, `Refused`, `Connect`, `Broken` |
/// | `requests.exceptions.SSLError` | `Tls` |
/// | `requests.Timeout` | `Timeout` |
/// | `requests.TooManyRedirects` | `TooManyRedirects` |
/// | `requests.HTTPError` | `Status` |
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An invalid URL, header, certificate file or environment variable.
    Invalid(String),
    /// The class network has no such page, and the internet is not used.
    NotInClass(String),
    /// No address was found for the name of the server.
    Dns(String),
    /// Nothing listens at the address.
    Refused(String),
    /// The server cannot be reached.
    Connect(String),
    /// The server could not prove its identity.
    Tls(String),
    /// The server was silent for too long.
    Timeout(String),
    /// The server redirects too often.
    TooManyRedirects(String),
    /// The connection was closed too early, or the response is not HTTP.
    Broken(String),
    /// The body is larger than allowed ([`Session::max_size`](super::Session::max_size)).
    TooLarge(String),
    /// The server responded with an error ([`Response::raise_for_status`](super::Response::raise_for_status)).
    Status(u16, String),
    /// The network library cannot be used.
    Library(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Error::Invalid(message)
        | Error::NotInClass(message)
        | Error::Dns(message)
        | Error::Refused(message)
        | Error::Connect(message)
        | Error::Tls(message)
        | Error::Timeout(message)
        | Error::TooManyRedirects(message)
        | Error::Broken(message)
        | Error::TooLarge(message)
        | Error::Status(_, message)
        | Error::Library(message)) = self;
        f.write_str(message)
    }
}

impl error::Error for Error {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        let of = match failure.kind {
            Kind::Invalid => Error::Invalid,
            Kind::NotInClass => Error::NotInClass,
            Kind::Dns => Error::Dns,
            Kind::Refused => Error::Refused,
            Kind::Connect => Error::Connect,
            Kind::Tls => Error::Tls,
            Kind::Timeout => Error::Timeout,
            Kind::TooManyRedirects => Error::TooManyRedirects,
            Kind::Broken => Error::Broken,
            Kind::YtDlp | Kind::Internal => Error::Library,
        };
        of(failure.message)
    }
}
