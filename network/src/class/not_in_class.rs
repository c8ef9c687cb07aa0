//! The error for a URL or name that is not in the class network.

use super::site;
use std::fmt;

/// The requested URL or name is not in the class network.
#[derive(Debug)]
pub struct NotInClass(pub String);

impl fmt::Display for NotInClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not in the class network, which has only {} and the clip {}; to use the internet, call \
             requests::use_network(Network::Live) or start the program with THREADBOOK_NETWORK=live",
            self.0,
            site::PAGES.join(", "),
            site::WATCH_URL,
        )
    }
}

impl std::error::Error for NotInClass {}
