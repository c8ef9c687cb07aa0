//! A REP socket that sends back what it gets: the heartbeat.

use super::connection::{Peer, accept};
use super::frame::{self, Limits};
use super::handshake::Socket;
use super::listener::Listener;
use anyhow::Result;

const LIMITS: Limits = Limits {
    bytes: 4096,
    frames: 16,
};

/// Echoes at `url` from now on.
///
/// # Errors
/// When the address cannot be listened at.
pub async fn echo(url: &str) -> Result<()> {
    let listener = Listener::bind(url).await?;
    tokio::spawn(accept(listener, Socket::Reply, LIMITS, serve));
    Ok(())
}

/// The frames before the text, by which a request finds its way back, are the same in the answer.
async fn serve(mut peer: Peer) {
    while let Some(message) = peer.receive().await {
        peer.outbox.send(frame::encode(&message)).await;
    }
}
