//! The network of Threadbook, behind a C interface.
//!
//! HTTP and TLS are a hundred crates. Loading them for every cell makes compilation take half as long again, so the
//! crate `threadbook` does not contain them: it calls them through [`interface`], which has a dozen functions and no
//! dependencies. There are two ways to provide it:
//!
//! - Threadbook's kernel builds this package as a separate `cdylib` and loads it when a cell first uses the network;
//! - in an ordinary Rust program, `threadbook`'s feature `network` links it.
//!
//! ```
//! // All that either way needs.
//! let functions = threadbook_network::functions();
//! assert_eq!(functions.version, threadbook_network::interface::VERSION);
//! ```
//!
//! Nothing is stored in statics: all state belongs to the handle that `start` returns, so a forked process starts
//! afresh with its own handle.

pub mod interface;

#[cfg(feature = "client")]
mod class;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod clip;
#[cfg(feature = "client")]
mod clip_lookup;
#[cfg(feature = "client")]
mod export;
#[cfg(feature = "client")]
mod failure;
#[cfg(feature = "client")]
mod roots;
#[cfg(feature = "client")]
mod settings;
#[cfg(feature = "client")]
mod transfer;
#[cfg(feature = "client")]
mod yt_dlp;

#[cfg(feature = "client")]
pub use export::functions;
