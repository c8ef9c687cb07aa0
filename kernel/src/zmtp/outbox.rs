//! Outboxes: the bytes queued for a peer.

use super::listener::Writer;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Notify, mpsc};

/// The limit of an outbox, in bytes: above it, senders wait.
const MAX_QUEUED_BYTES: usize = 8 << 20;

/// How long a peer may read nothing while a sender waits.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The sending end; [`OutboxReader::write`] empties it.
#[derive(Clone)]
pub struct Outbox {
    queue: mpsc::UnboundedSender<Bytes>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The number of queued bytes.
    queued: AtomicUsize,
    is_closed: AtomicBool,
    /// Notified when `queued` decreases, and when the outbox is closed.
    changed: Notify,
}

impl Outbox {
    /// Creates an outbox and its reading end, for [`OutboxReader::write`].
    pub fn new() -> (Outbox, OutboxReader) {
        let (queue, inbox) = mpsc::unbounded_channel();
        let state = Arc::<State>::default();
        let outbox = Outbox {
            queue,
            state: state.clone(),
        };
        (outbox, OutboxReader { inbox, state })
    }

    /// Queues `bytes` when there is room. Closes the outbox if the peer reads nothing for `STALL_TIMEOUT`.
    pub async fn send(&self, bytes: Bytes) {
        while self.queued() > MAX_QUEUED_BYTES && !self.is_closed() {
            let changed = self.state.changed.notified();
            if self.queued() > MAX_QUEUED_BYTES
                && tokio::time::timeout(STALL_TIMEOUT, changed).await.is_err()
            {
                tracing::warn!("disconnecting a client that does not read");
                self.close();
            }
        }
        self.state.queued.fetch_add(bytes.len(), Ordering::Relaxed);
        // A closed outbox has no reader.
        let _ = self.queue.send(bytes);
    }

    /// Waits until the outbox is empty or closed.
    pub async fn drained(&self) {
        loop {
            let changed = self.state.changed.notified();
            if self.queued() == 0 || self.is_closed() {
                return;
            }
            changed.await;
        }
    }

    /// Closes the outbox, and with it the connection.
    pub fn close(&self) {
        self.state.is_closed.store(true, Ordering::Relaxed);
        self.state.changed.notify_waiters();
    }

    /// Waits until the outbox is closed.
    pub async fn closed(&self) {
        loop {
            let changed = self.state.changed.notified();
            if self.is_closed() {
                return;
            }
            changed.await;
        }
    }

    pub fn is_closed(&self) -> bool {
        self.state.is_closed.load(Ordering::Relaxed)
    }

    fn queued(&self) -> usize {
        self.state.queued.load(Ordering::Relaxed)
    }
}

/// The reading end of an [`Outbox`].
pub struct OutboxReader {
    inbox: mpsc::UnboundedReceiver<Bytes>,
    state: Arc<State>,
}

impl OutboxReader {
    /// Writes everything queued, until the peer disconnects or the outbox is dropped.
    pub async fn write(mut self, mut writer: Writer) {
        while let Some(bytes) = self.inbox.recv().await {
            if writer.write_all(&bytes).await.is_err() {
                break;
            }
            self.state.queued.fetch_sub(bytes.len(), Ordering::Relaxed);
            self.state.changed.notify_waiters();
        }
        self.state.is_closed.store(true, Ordering::Relaxed);
        self.state.changed.notify_waiters();
    }
}
