//! The error of a request that would leave the class network.

use super::site;
use std::fmt;

/// The request is for something that the class network does not have.
#[derive(Debug)]
pub struct NotInClass(pub String);

impl fmt::Display for NotInClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the class network has no {}, only {} and the clip {}; to use the internet, call \
             requests::use_network(Network::Live) or set THREADBOOK_NETWORK=live before the start",
            self.0,
            site::PAGES.join(", "),
            site::WATCH_URL,
        )
    }
}

impl std::error::Error for NotInClass {}
