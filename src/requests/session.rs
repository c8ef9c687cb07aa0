//! Settings for requests.

use std::path::Path;
use std::time::Duration;

use super::error::Error;
use super::response::Response;
use crate::network::{self, Network, Request, Transfer};

/// Settings for requests: Python's `requests.Session`, without cookies. Connections are reused.
///
/// ```
/// use std::time::Duration;
/// use threadbook::requests::Session;
///
/// let session = Session::new()
///     .timeout(Duration::from_secs(5))
///     .max_redirects(3)
///     .max_size(1_000_000)
///     .header("Accept-Language", "en");
/// assert!(session.get("https://github.com")?.ok());
/// # Ok::<(), threadbook::requests::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    headers: String,
    verify: String,
    timeout: Option<Duration>,
    max_redirects: u32,
    max_size: usize,
    network: Option<Network>,
}

impl Session {
    /// Creates a session with the default settings, which each method mentions.
    pub fn new() -> Session {
        Session {
            headers: String::new(),
            verify: String::new(),
            timeout: Some(Duration::from_secs(30)),
            max_redirects: 30,
            max_size: 256 * 1024 * 1024,
            network: None,
        }
    }

    /// Sets how long to wait for a connection, for the response to begin, and for each next part of it. 30 s by
    /// default; `None` waits for ever.
    pub fn timeout(mut self, limit: impl Into<Option<Duration>>) -> Session {
        self.timeout = limit.into();
        self
    }

    /// Sets how many redirects to follow. 30 by default.
    pub fn max_redirects(mut self, count: u32) -> Session {
        self.max_redirects = count;
        self
    }

    /// Sets how many bytes a body may have. 256 MiB by default.
    pub fn max_size(mut self, bytes: usize) -> Session {
        self.max_size = bytes;
        self
    }

    /// Adds a header to send with each request.
    pub fn header(mut self, name: &str, value: &str) -> Session {
        // A line break in a value would begin another header.
        let value = value.replace(['\r', '\n'], " ");
        self.headers += &format!("{name}: {value}\n");
        self
    }

    /// Sets a PEM file with the certificates of the authorities to trust, instead of the usual ones.
    pub fn verify(mut self, certificates: impl AsRef<Path>) -> Session {
        self.verify = certificates.as_ref().to_string_lossy().into_owned();
        self
    }

    /// Sets the network. That of [`network`](super::network) by default.
    pub fn network(mut self, network: Network) -> Session {
        self.network = Some(network);
        self
    }

    /// Requests `url`.
    ///
    /// # Errors
    /// As [`get`](super::get).
    pub fn get(&self, url: impl AsRef<str>) -> Result<Response, Error> {
        let network = match self.network {
            Some(network) => network,
            None => network::selected()?,
        };
        let request = Request {
            network,
            headers: self.headers.clone(),
            verify: self.verify.clone(),
            timeout: self.timeout,
            max_redirects: self.max_redirects,
        };
        Response::read(
            Transfer::open(url.as_ref(), &request)?,
            network,
            self.max_size,
        )
    }
}

impl Default for Session {
    fn default() -> Session {
        Session::new()
    }
}
