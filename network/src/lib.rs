//! The network of Threadbook, behind a C interface.
//!
//! HTTP and TLS are a hundred crates. A compiler that loads them for every cell of a notebook takes half as long again,
//! so the crate `threadbook` does not contain them: it calls them through [`interface`], which has a dozen functions
//! and no dependencies. There are two ways to provide the implementation:
//!
//! - Threadbook's kernel builds this package as a separate `cdylib`, which is loaded when a cell first uses the
//!   network;
//! - as an ordinary dependency, `threadbook`'s feature `network` links it.
//!
//! ```
//! // All that both ways need.
//! let functions = threadbook_network::functions();
//! assert_eq!(functions.version, threadbook_network::interface::VERSION);
//! ```
//!
//! Nothing here is kept in statics: all state belongs to the handle that `start` returns, so a forked process starts
//! anew with a handle of its own.

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
