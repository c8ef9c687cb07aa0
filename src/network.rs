//! Access to the network.
//!
//! HTTP and TLS are in the package `threadbook-network`, which this crate reaches only through C functions.

mod clip;
mod failure;
mod library;
mod selection;
mod transfer;

pub(crate) use clip::{Clip, ClipStream};
pub(crate) use failure::Failure;
pub(crate) use selection::selected;
pub use selection::{Network, network, use_network};
pub(crate) use threadbook_network::interface::Kind;
pub(crate) use transfer::{Request, Transfer};
