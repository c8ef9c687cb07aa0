//! A complete response.

use super::error::Error;
use super::headers::Headers;
use crate::network::{Network, Transfer};

/// A response: Python's `requests.Response`.
#[derive(Clone, Debug)]
pub struct Response {
    status_code: u16,
    url: String,
    headers: Headers,
    content: Vec<u8>,
    network: Network,
}

impl Response {
    /// Reads the whole body, of at most `limit` bytes.
    pub(super) fn read(
        mut transfer: Transfer,
        network: Network,
        limit: usize,
    ) -> Result<Response, Error> {
        let headers = Headers::of_lines(transfer.headers());
        let url = transfer.url().to_owned();
        let too_large = || Error::TooLarge(format!("{url} has more than {limit} bytes"));
        let length = headers
            .get("content-length")
            .and_then(|length| length.parse().ok());
        if length.is_some_and(|length: usize| length > limit) {
            return Err(too_large());
        }
        // A server that announces a length need not send as much.
        let mut content = Vec::with_capacity(length.unwrap_or(0).min(1024 * 1024));
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = transfer.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            if count > limit - content.len() {
                return Err(too_large());
            }
            content.extend_from_slice(&buffer[..count]);
        }
        Ok(Response {
            status_code: transfer.status(),
            url,
            headers,
            content,
            network,
        })
    }

    /// Returns the status, such as 200 or 404.
    pub fn status_code(&self) -> u16 {
        self.status_code
    }

    /// Returns the status in words, such as `Not Found`; empty if it is an unusual one.
    pub fn reason(&self) -> &'static str {
        reason(self.status_code)
    }

    /// Returns whether the status is below 400.
    pub fn ok(&self) -> bool {
        self.status_code < 400
    }

    /// Returns the URL of the response, after redirects.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the headers.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Returns the body as bytes.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Returns the body as text, decoded as UTF-8, or ISO 8859-1 if the server says so; invalid bytes become `�`.
    pub fn text(&self) -> String {
        let kind = self
            .headers
            .get("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if kind.contains("charset=iso-8859-1") || kind.contains("charset=latin-1") {
            // The first 256 characters of Unicode are those of ISO 8859-1.
            return self.content.iter().map(|&byte| char::from(byte)).collect();
        }
        String::from_utf8_lossy(&self.content).into_owned()
    }

    /// Returns the network that it came from.
    pub fn network(&self) -> Network {
        self.network
    }

    /// Turns a response that is not [`ok`](Response::ok) into an error.
    ///
    /// # Errors
    /// [`Error::Status`] if the status is 400 or more.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let response = requests::get("https://github.com/nothing/here")?;
    /// let error = response.raise_for_status().unwrap_err();
    /// assert_eq!(error.to_string(), "404 Not Found for https://github.com/nothing/here");
    /// # Ok::<(), requests::Error>(())
    /// ```
    pub fn raise_for_status(&self) -> Result<&Response, Error> {
        match self.ok() {
            true => Ok(self),
            false => Err(of_status(self.status_code, &self.url)),
        }
    }
}

/// Returns the error for a status of 400 or more.
pub(crate) fn of_status(status: u16, url: &str) -> Error {
    let words = match reason(status) {
        "" => "",
        reason => &format!(" {reason}"),
    };
    Error::Status(status, format!("{status}{words} for {url}"))
}

/// Returns the standard reason phrase of a status (RFC 9110, 15).
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
