//! HTTP requests, as in Python's `requests`.
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let response = requests::get("https://example.com")?;
//! assert_eq!(response.status_code(), 200);
//! assert_eq!(response.content().len(), 1256);
//! assert!(response.text().contains("<h1>Example</h1>"));
//! # Ok::<(), requests::Error>(())
//! ```
//!
//! # The class network
//!
//! This works without internet, and without any preparation. By default, pages come from the class network: this
//! program serves a few pages of its own to itself, over real TCP and TLS. It has `https://example.com`,
//! `https://google.com` and `https://github.com`, of 1256, 21788 and 230041 bytes. Any other request is an error,
//! except for addresses of this machine, such as `http://localhost:8000`. One line, or the environment variable
//! `THREADBOOK_NETWORK=live`, switches to the internet:
//!
//! ```
//! use threadbook::prelude::*;
//! use threadbook::requests::Network;
//!
//! let error = requests::get("https://www.rust-lang.org").unwrap_err();
//! assert!(matches!(error, requests::Error::NotInClass(_)));
//!
//! requests::use_network(Network::Live);
//! assert_eq!(requests::network(), Network::Live);
//! ```
//!
//! # Threads and processes
//!
//! Any thread may make requests at any time, and so may a forked [`Process`](crate::prelude::Process), which makes its
//! own connections.
//!
//! ```
//! use std::thread;
//! use threadbook::prelude::*;
//!
//! let urls = ["https://example.com", "https://google.com", "https://github.com"];
//! let threads = urls.map(|url| thread::spawn(move || requests::get(url)));
//! for (thread, size) in threads.into_iter().zip([1256, 21788, 230_041]) {
//!     assert_eq!(thread.join().unwrap()?.content().len(), size);
//! }
//! # Ok::<(), requests::Error>(())
//! ```
//!
//! | Python | Rust |
//! | --- | --- |
//! | `requests.get(url)` | [`requests::get(url)?`](get) |
//! | `requests.get(url, timeout=3)` | [`Session::new()`]`.timeout(Duration::from_secs(3)).get(url)?` |
//! | `requests.get(url, headers={"Accept": "text/html"})` | `Session::new().header("Accept", "text/html").get(url)?` |
//! | `requests.get(url, verify="ca.pem")` | `Session::new().verify("ca.pem").get(url)?` |
//! | `session = requests.Session()` | `let session = Session::new();` |
//! | `session.max_redirects = 5` | `Session::new().max_redirects(5)` |
//! | `response.status_code`, `response.ok`, `response.reason` | `response.status_code()`, `response.ok()`, `response.reason()` |
//! | `response.content`, `response.text` | `response.content()`, `response.text()` |
//! | `response.headers["content-type"]` | `response.headers().get("content-type")` |
//! | `response.url` | `response.url()` |
//! | `response.raise_for_status()` | `response.raise_for_status()?` |
//! | `except requests.Timeout` | `Err(requests::Error::Timeout(_))`, see [`Error`] |
//!
//! Unlike in Python, a request does not wait for ever: 30 s without progress are an error, and so is a body of more
//! than 256 MiB. Both limits can be changed.

mod error;
mod headers;
mod response;
mod session;

pub use crate::network::{Network, network, use_network};
pub use error::Error;
pub use headers::Headers;
pub use response::Response;
pub(crate) use response::of_status;
pub use session::Session;

/// Requests `url`, in a [`Session`] with the default settings.
///
/// # Errors
/// See [`Error`]. A response with a status such as 404 is not an error; [`Response::raise_for_status`] makes it one.
pub fn get(url: impl AsRef<str>) -> Result<Response, Error> {
    Session::new().get(url)
}
