//! What waits to be sent to a peer.

use super::listener::Writer;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Notify, mpsc};

/// More than this does not wait for a peer that reads slowly, in bytes: who sends waits.
const ROOM: usize = 8 << 20;

/// How long a peer may read nothing while somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Filled by who sends, emptied by [`Outbox::write`].
#[derive(Clone)]
pub struct Outbox {
    letters: mpsc::UnboundedSender<Bytes>,
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
    pub fn new() -> (Outbox, Letters) {
        let (letters, inbox) = mpsc::unbounded_channel();
        let state = Arc::<State>::default();
        let outbox = Outbox {
            letters,
            state: state.clone(),
        };
        (outbox, Letters { inbox, state })
    }

    /// Sends when there is room. A peer that makes no room for too long is given up.
    pub async fn send(&self, letter: Bytes) {
        while self.queued() > ROOM && !self.is_closed() {
            let changed = self.state.changed.notified();
            if self.queued() > ROOM && tokio::time::timeout(PATIENCE, changed).await.is_err() {
                tracing::warn!("a client does not read what it is sent; it is disconnected");
                self.close();
            }
        }
        self.state.queued.fetch_add(letter.len(), Ordering::Relaxed);
        // A closed outbox has no reader any more.
        let _ = self.letters.send(letter);
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
pub struct Letters {
    inbox: mpsc::UnboundedReceiver<Bytes>,
    state: Arc<State>,
}

impl Letters {
    /// Writes all that is sent, until the peer has gone or the outbox is dropped.
    pub async fn write(mut self, mut writer: Writer) {
        while let Some(letter) = self.inbox.recv().await {
            if writer.write_all(&letter).await.is_err() {
                break;
            }
            self.state.queued.fetch_sub(letter.len(), Ordering::Relaxed);
            self.state.changed.notify_waiters();
        }
        self.state.is_closed.store(true, Ordering::Relaxed);
        self.state.changed.notify_waiters();
    }
}
