//! The settings of a request.

use crate::failure::RequestInfo;
use std::time::Duration;

/// The settings of a request, for each of which there is a client.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    pub live: bool,
    /// A file with the certificates to trust instead of the usual ones; empty for the usual ones.
    pub verify: String,
    /// The longest wait for progress.
    pub timeout: Option<Duration>,
    pub max_redirects: u32,
}

impl Settings {
    /// For requests that look a clip up.
    pub fn usual(live: bool) -> Settings {
        Settings {
            live,
            verify: String::new(),
            timeout: Some(Duration::from_secs(30)),
            max_redirects: 10,
        }
    }

    pub fn info<'a>(&self, url: &'a str) -> RequestInfo<'a> {
        RequestInfo {
            url,
            timeout: self.timeout,
            max_redirects: self.max_redirects,
        }
    }
}
