//! Which network is used: the class network or the internet.

use std::env;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use threadbook_network::interface::Kind;

use super::failure::Failure;

/// The environment variable that says which network to use: `class` or `live`.
const NETWORK_VAR: &str = "THREADBOOK_NETWORK";

/// Where pages and clips come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// A few pages and a clip that this program serves to itself, for a room without internet. The addresses of this
    /// machine work too, such as `http://localhost:8000`.
    Class,
    /// The internet.
    Live,
}

const UNSET: u8 = 0;
const CLASS: u8 = 1;
const LIVE: u8 = 2;

/// The network of this process; its forked children inherit it.
static SELECTED: AtomicU8 = AtomicU8::new(UNSET);

/// Uses `network` from now on, in all threads and in processes that are started later.
///
/// ```
/// use threadbook::prelude::*;
/// use threadbook::requests::Network;
///
/// assert_eq!(requests::network(), Network::Class);
/// requests::use_network(Network::Live);
/// assert_eq!(requests::network(), Network::Live);
/// ```
pub fn use_network(network: Network) {
    let choice = match network {
        Network::Class => CLASS,
        Network::Live => LIVE,
    };
    SELECTED.store(choice, Relaxed);
}

/// Returns the network that is used: the one selected by [`use_network`] or the environment variable
/// `THREADBOOK_NETWORK` (`class` or `live`), and otherwise the class network.
pub fn network() -> Network {
    selected().unwrap_or(Network::Class)
}

/// As [`network`], but an invalid environment variable is an error.
pub(crate) fn selected() -> Result<Network, Failure> {
    match SELECTED.load(Relaxed) {
        CLASS => return Ok(Network::Class),
        LIVE => return Ok(Network::Live),
        _ => {}
    }
    match env::var_os(NETWORK_VAR)
        .as_deref()
        .map(|value| value.to_str())
    {
        None | Some(Some("" | "class")) => Ok(Network::Class),
        Some(Some("live")) => Ok(Network::Live),
        Some(value) => Err(Failure {
            kind: Kind::Invalid,
            message: format!(
                "the environment variable {NETWORK_VAR} is {}; it must be `class` or `live`",
                value.map_or("no UTF-8".into(), |value| format!("`{value}`")),
            ),
        }),
    }
}
