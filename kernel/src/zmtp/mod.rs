//! The kernel's ZeroMQ sockets: ROUTER, XPUB and REP over [ZMTP 3.0].
//!
//! Every user of a computer can reach the kernel's ports, so all input is untrusted until the message's signature is
//! verified. The crate `zeromq`, which the runner uses as a client, is not made for that: a frame that announces 2^63
//! bytes makes it panic, as does a command with a wrong length, and a subscriber that stops reading blocks all others.
//! This module checks lengths before it allocates, disconnects peers that violate the protocol, and waits only for a
//! limited time for a peer that does not read.
//!
//! [ZMTP 3.0]: https://rfc.zeromq.org/spec/23/

mod connection;
mod echo;
mod frame;
mod handshake;
mod listener;
mod outbox;
mod publisher;
mod router;

#[cfg(test)]
mod tests;

pub use echo::echo;
pub use publisher::{Publisher, Subscription};
pub use router::Router;

/// The frames of a message.
pub type Message = Vec<bytes::Bytes>;
