//! What waits to be sent to a peer.

use super::listener::Writer;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Notify, mpsc};

/// More than this does not wait for a peer that reads slowly, in bytes: who sends waits.
const MAX_QUEUED_BYTES: usize = 8 << 20;

/// How long a peer may read nothing while somebody waits for it.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Filled by who sends, emptied by [`Outbox::write`].
#[derive(Clone)]
pub struct Outbox {
    queue: mpsc::UnboundedSender<Bytes>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// How much waits, in bytes.
    queued: AtomicUsize,
    is_closed: AtomicBool,
    /// Told whenever less waits, and when the outbox is closed.
    changed: Notify,
}

impl Outbox {
    /// Makes an outbox, and the end that is to be given to [`write`].
    pub fn new() -> (Outbox, OutboxReader) {
        let (queue, inbox) = mpsc::unbounded_channel();
        let state = Arc::<State>::default();
        let outbox = Outbox {
            queue,
            state: state.clone(),
        };
        (outbox, OutboxReader { inbox, state })
    }

    /// Sends when there is room. A peer that makes no room for too long is given up.
    pub async fn send(&self, bytes: Bytes) {
        while self.queued() > MAX_QUEUED_BYTES && !self.is_closed() {
            let changed = self.state.changed.notified();
            if self.queued() > MAX_QUEUED_BYTES
                && tokio::time::timeout(STALL_TIMEOUT, changed).await.is_err()
            {
                tracing::warn!("a client does not read what it is sent; it is disconnected");
                self.close();
            }
        }
        self.state.queued.fetch_add(bytes.len(), Ordering::Relaxed);
        // A closed outbox has no reader any more.
        let _ = self.queue.send(bytes);
    }

    /// Waits until nothing waits any more, or the peer has gone.
    pub async fn drained(&self) {
        loop {
            let changed = self.state.changed.notified();
            if self.queued() == 0 || self.is_closed() {
                return;
            }
            changed.await;
        }
    }

    /// Ends the connection.
    pub fn close(&self) {
        self.state.is_closed.store(true, Ordering::Relaxed);
        self.state.changed.notify_waiters();
    }

    /// Ends when the connection is to end.
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

/// The end of an [`Outbox`] that is read.
pub struct OutboxReader {
    inbox: mpsc::UnboundedReceiver<Bytes>,
    state: Arc<State>,
}

impl OutboxReader {
    /// Writes all that is sent, until the peer has gone or the outbox is dropped.
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
