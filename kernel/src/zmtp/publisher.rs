//! The XPUB socket: sends messages to all subscribers, and reports new subscriptions.

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

/// Subscribers send only topics.
const LIMITS: Limits = Limits {
    bytes: 1024,
    frames: 1,
};

/// The maximum number of topics of one subscriber.
const MAX_TOPICS: usize = 1000;

/// How long to wait for all subscribers to read what was sent.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

const SUBSCRIBE: u8 = 1;
const UNSUBSCRIBE: u8 = 0;

/// The sending side.
#[derive(Clone)]
pub struct Publisher {
    subscribers: Subscribers,
}

type Subscribers = Arc<Mutex<HashMap<u64, Subscriber>>>;

#[derive(Clone)]
struct Subscriber {
    topics: Vec<Bytes>,
    outbox: Outbox,
    /// Whether the last flush timed out on this subscriber. Flushes skip it until it has read everything.
    is_slow: bool,
}

/// A new subscription.
pub struct Subscription {
    subscriber: u64,
    pub topic: Bytes,
}

impl Publisher {
    /// Listens on `url`. The receiver yields new subscriptions.
    ///
    /// # Errors
    /// If it cannot listen on the address.
    pub async fn bind(url: &str) -> Result<(Publisher, mpsc::UnboundedReceiver<Subscription>)> {
        let listener = Listener::bind(url).await?;
        let (sender, subscriptions) = mpsc::unbounded_channel();
        let subscribers = Subscribers::default();
        let publisher = Publisher {
            subscribers: subscribers.clone(),
        };
        let ids = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let serve = move |peer| {
            let id = ids.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            serve(peer, id, subscribers.clone(), sender.clone())
        };
        tokio::spawn(accept(listener, SocketType::Publisher, LIMITS, serve));
        Ok((publisher, subscriptions))
    }

    /// Sends a message to every subscriber with a topic that is a prefix of its first frame.
    pub async fn publish(&self, message: &[Bytes]) {
        let Some(topic) = message.first() else { return };
        let outboxes: Vec<Outbox> = locked(&self.subscribers)
            .values()
            .filter(|subscriber| subscriber.wants(topic))
            .map(|subscriber| subscriber.outbox.clone())
            .collect();
        let bytes = frame::encode(message);
        for outbox in outboxes {
            outbox.send(bytes.clone()).await;
        }
    }

    /// Sends a message only to the peer that made `subscription`.
    pub async fn answer(&self, subscription: &Subscription, message: &[Bytes]) {
        let outbox = locked(&self.subscribers)
            .get(&subscription.subscriber)
            .map(|subscriber| subscriber.outbox.clone());
        if let Some(outbox) = outbox {
            outbox.send(frame::encode(message)).await;
        }
    }

    /// Waits until everything is written, for at most `FLUSH_TIMEOUT`, and not at all for slow subscribers.
    pub async fn flush(&self) {
        let all: Vec<(u64, Subscriber)> = locked(&self.subscribers)
            .iter()
            .map(|(id, subscriber)| (*id, subscriber.clone()))
            .collect();
        let end = tokio::time::Instant::now() + FLUSH_TIMEOUT;
        for (id, subscriber) in all {
            let end = if subscriber.is_slow {
                tokio::time::Instant::now()
            } else {
                end
            };
            let is_slow = tokio::time::timeout_at(end, subscriber.outbox.drained())
                .await
                .is_err();
            if let Some(subscriber) = locked(&self.subscribers).get_mut(&id) {
                subscriber.is_slow = is_slow;
            }
        }
    }
}

impl Subscriber {
    fn wants(&self, topic: &Bytes) -> bool {
        self.topics.iter().any(|wanted| topic.starts_with(wanted))
    }

    fn unsubscribe(&mut self, topic: &[u8]) {
        if let Some(index) = self.topics.iter().position(|other| other == topic) {
            self.topics.remove(index);
        }
    }
}

/// Handles a subscriber's topics until it disconnects.
async fn serve(
    mut peer: Peer,
    id: u64,
    subscribers: Subscribers,
    sender: mpsc::UnboundedSender<Subscription>,
) {
    let subscriber = Subscriber {
        topics: Vec::new(),
        outbox: peer.outbox.clone(),
        is_slow: false,
    };
    locked(&subscribers).insert(id, subscriber);
    while let Some(message) = peer.receive().await {
        if !take(&message, id, &subscribers, &sender) {
            break;
        }
    }
    locked(&subscribers).remove(&id);
}

/// Handles one message of a subscriber. Returns whether to keep the connection.
fn take(
    message: &Message,
    id: u64,
    subscribers: &Subscribers,
    sender: &mpsc::UnboundedSender<Subscription>,
) -> bool {
    let mut subscribers = locked(subscribers);
    let Some(subscriber) = subscribers.get_mut(&id) else {
        return false;
    };
    let Some(text) = message.first() else {
        return true;
    };
    match text.first() {
        Some(&SUBSCRIBE) if subscriber.topics.len() == MAX_TOPICS => false,
        Some(&SUBSCRIBE) => {
            let topic = text.slice(1..);
            subscriber.topics.push(topic.clone());
            sender
                .send(Subscription {
                    subscriber: id,
                    topic,
                })
                .is_ok()
        }
        Some(&UNSUBSCRIBE) => {
            subscriber.unsubscribe(&text[1..]);
            true
        }
        _ => true,
    }
}

fn locked(subscribers: &Subscribers) -> MutexGuard<'_, HashMap<u64, Subscriber>> {
    subscribers
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
