//! The REP socket of the heartbeat: echoes every message.

use super::connection::{Peer, accept};
use super::frame::{self, Limits};
use super::handshake::SocketType;
use super::listener::Listener;
use anyhow::Result;

const LIMITS: Limits = Limits {
    bytes: 4096,
    frames: 16,
};

/// Starts echoing on `url`.
///
/// # Errors
/// If it cannot listen on the address.
pub async fn echo(url: &str) -> Result<()> {
    let listener = Listener::bind(url).await?;
    tokio::spawn(accept(listener, SocketType::Reply, LIMITS, serve));
    Ok(())
}

/// Echoes whole messages, so the address frames before the payload route the reply to its sender.
async fn serve(mut peer: Peer) {
    while let Some(message) = peer.receive().await {
        peer.outbox.send(frame::encode(&message)).await;
    }
}
