//! The settings of a client.

use crate::failure::RequestContext;
use std::time::Duration;

/// The settings of a client. Requests with equal settings share one.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    pub live: bool,
    /// A file with the certificates to trust instead of the default ones; empty for the default.
    pub verify: String,
    /// The timeout of each wait, to connect or for the next data, not of the whole request.
    pub timeout: Option<Duration>,
    pub max_redirects: u32,
}

impl Settings {
    /// Returns the settings for requests that the library makes itself.
    pub fn defaults(live: bool) -> Settings {
        Settings {
            live,
            verify: String::new(),
            timeout: Some(Duration::from_secs(30)),
            max_redirects: 10,
        }
    }

    /// Returns the context of a request for `url` with these settings.
    pub fn context<'a>(&self, url: &'a str) -> RequestContext<'a> {
        RequestContext {
            url,
            timeout: self.timeout,
            max_redirects: self.max_redirects,
        }
    }
}
