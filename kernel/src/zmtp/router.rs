//! The ROUTER socket: receives requests, and sends each client its own replies.

use super::Message;
use super::connection::{Peer, accept};
use super::frame::{self, Limits};
use super::handshake::SocketType;
use super::listener::Listener;
use super::outbox::Outbox;
use anyhow::Result;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::mpsc;

/// Far more than the longest cell needs.
const LIMITS: Limits = Limits {
    bytes: 16 << 20,
    frames: 1000,
};

/// How long to wait for clients to read their replies before the kernel exits.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// The capacity of the request queue; further requests wait in the connections.
const MAX_QUEUED_REQUESTS: usize = 64;

/// The sending side.
#[derive(Clone)]
pub struct Router {
    peers: Peers,
}

type Peers = Arc<Mutex<HashMap<Bytes, Outbox>>>;

impl Router {
    /// Listens on `url`. The receiver yields messages, each with the sender's identity as its first frame.
    ///
    /// # Errors
    /// If it cannot listen on the address.
    pub async fn bind(url: &str) -> Result<(Router, mpsc::Receiver<Message>)> {
        let listener = Listener::bind(url).await?;
        let (sender, messages) = mpsc::channel(MAX_QUEUED_REQUESTS);
        let peers = Peers::default();
        let router = Router {
            peers: peers.clone(),
        };
        let serve = move |peer| serve(peer, peers.clone(), sender.clone());
        tokio::spawn(accept(listener, SocketType::Router, LIMITS, serve));
        Ok((router, messages))
    }

    /// Sends a message to the peer whose identity is its first frame. Returns whether that peer is connected.
    pub async fn send(&self, message: &[Bytes]) -> bool {
        let Some((identity, frames)) = message.split_first() else {
            return false;
        };
        let outbox = locked(&self.peers).get(identity).cloned();
        match outbox {
            Some(outbox) => {
                outbox.send(frame::encode(frames)).await;
                true
            }
            None => false,
        }
    }

    /// Waits until everything is written, for at most `FLUSH_TIMEOUT`.
    pub async fn flush(&self) {
        let outboxes: Vec<Outbox> = locked(&self.peers).values().cloned().collect();
        let all = async {
            for outbox in outboxes {
                outbox.drained().await;
            }
        };
        if tokio::time::timeout(FLUSH_TIMEOUT, all).await.is_err() {
            tracing::debug!("a client does not read its replies");
        }
    }
}

/// Forwards a peer's messages until it disconnects.
async fn serve(mut peer: Peer, peers: Peers, sender: mpsc::Sender<Message>) {
    let Some(identity) = register(&peer, &peers) else {
        tracing::debug!("rejected a connection: its identity is already in use");
        return;
    };
    while let Some(mut message) = peer.receive().await {
        message.insert(0, identity.clone());
        if sender.send(message).await.is_err() {
            break;
        }
    }
    locked(&peers).remove(&identity);
}

/// Registers the peer under its identity, or a generated one. `None` if another peer has that identity: the new peer
/// would get its replies.
fn register(peer: &Peer, peers: &Peers) -> Option<Bytes> {
    let mut peers = locked(peers);
    let mut identity = peer.identity.clone();
    if identity.is_empty() {
        // Identities chosen by peers do not begin with a zero byte (RFC 28).
        identity = [&[0], &uuid::Uuid::new_v4().into_bytes()[..]]
            .concat()
            .into();
    }
    if peers.contains_key(&identity) {
        return None;
    }
    peers.insert(identity.clone(), peer.outbox.clone());
    Some(identity)
}

fn locked(peers: &Peers) -> MutexGuard<'_, HashMap<Bytes, Outbox>> {
    peers
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
