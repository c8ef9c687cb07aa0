//! A ROUTER socket: clients ask, and each gets its own answers.

use super::Message;
use super::connection::{Peer, accept};
use super::frame::{self, Limits};
use super::handshake::Socket;
use super::listener::Listener;
use super::outbox::Outbox;
use anyhow::Result;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::mpsc;

/// Far more than the longest cell.
const LIMITS: Limits = Limits {
    bytes: 16 << 20,
    frames: 1000,
};

/// How long clients may take to read what they were sent, before the kernel ends.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// Requests that wait to be taken; more wait in the connections.
const MAX_QUEUED_REQUESTS: usize = 64;

/// The sending side.
#[derive(Clone)]
pub struct Router {
    peers: Peers,
}

type Peers = Arc<Mutex<HashMap<Bytes, Outbox>>>;

impl Router {
    /// Listens at `url`. Messages come out of the receiver, each with the identity of who sent
    /// it before its frames.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub async fn bind(url: &str) -> Result<(Router, mpsc::Receiver<Message>)> {
        let listener = Listener::bind(url).await?;
        let (sender, messages) = mpsc::channel(MAX_QUEUED_REQUESTS);
        let peers = Peers::default();
        let router = Router {
            peers: peers.clone(),
        };
        let serve = move |peer| serve(peer, peers.clone(), sender.clone());
        tokio::spawn(accept(listener, Socket::Router, LIMITS, serve));
        Ok((router, messages))
    }

    /// Sends a message to the peer whose identity is its first frame; whether that is connected.
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

    /// Waits until all is on its way, but not long.
    pub async fn flush(&self) {
        let outboxes: Vec<Outbox> = locked(&self.peers).values().cloned().collect();
        let all = async {
            for outbox in outboxes {
                outbox.drained().await;
            }
        };
        if tokio::time::timeout(FLUSH_TIMEOUT, all).await.is_err() {
            tracing::debug!("a client does not read its answers");
        }
    }
}

/// Passes on what a peer sends until it has gone.
async fn serve(mut peer: Peer, peers: Peers, sender: mpsc::Sender<Message>) {
    let Some(identity) = enter(&peer, &peers) else {
        tracing::debug!("a connection with another one's identity is refused");
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

/// Gives the peer a place by its identity, or by one that we make up; `None` when somebody has
/// that place, whose answers it would get.
fn enter(peer: &Peer, peers: &Peers) -> Option<Bytes> {
    let mut peers = locked(peers);
    let mut identity = peer.identity.clone();
    if identity.is_empty() {
        // Those that peers choose do not begin with zero (RFC 28).
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
