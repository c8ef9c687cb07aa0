//! What can go wrong.

use std::{error, fmt};

use crate::network::{Failure, Kind};

/// Why a request failed. Each has one line that says what happened.
///
/// ```
/// use threadbook::prelude::*;
///
/// let error = requests::get("example.com").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "\"example.com\" is not a URL: its scheme is missing, as in https://example.com"
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
    /// A URL, a header, a file of certificates or an environment variable that cannot be used.
    Invalid(String),
    /// The class network has no such page, and the internet is not used.
    NotInClass(String),
    /// No address was found for the name of the server.
    Dns(String),
    /// Nothing listens at the address.
    Refused(String),
    /// There is no way to the server.
    Connect(String),
    /// The server could not show that it is the one that was asked for.
    Tls(String),
    /// The server was silent for too long.
    Timeout(String),
    /// The server sends one from place to place.
    TooManyRedirects(String),
    /// The connection ended too early, or what came is no HTTP.
    Broken(String),
    /// There is more than one wants to have ([`Session::max_size`](super::Session::max_size)).
    TooLarge(String),
    /// The server answered with an error ([`Response::raise_for_status`](super::Response::raise_for_status)).
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
