//! Accepts connections and shakes hands with whoever connects.

use super::Message;
use super::frame::{self, Limits, Received};
use super::handshake::{Socket, shake_hands};
use super::listener::{Listener, Reader};
use super::outbox::Outbox;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Connections to one socket at a time. A notebook has a handful of clients.
const MAX_CONNECTIONS: usize = 200;

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// After an error the system may need a moment, when files are short for example.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// A peer that has shaken hands.
pub struct Peer {
    /// What it calls itself; empty if it does not say.
    pub identity: Bytes,
    pub outbox: Outbox,
    reader: Reader,
    limits: Limits,
}

impl Peer {
    /// The next message; `None` when the connection has ended, or has to.
    pub async fn receive(&mut self) -> Option<Message> {
        loop {
            let received = tokio::select! {
                received = frame::read(&mut self.reader, self.limits) => received,
                () = self.outbox.closed() => return None,
            };
            match received {
                Ok(Received::Message(message)) => return Some(message),
                // Commands of later versions, such as PING, may be left out in this one.
                Ok(Received::Command(_)) => {}
                Err(error) => {
                    tracing::debug!("a connection ends: {error}");
                    return None;
                }
            }
        }
    }
}

/// Accepts connections for ever; `serve` gets each peer and keeps it until it has gone.
pub async fn accept<F>(
    listener: Listener,
    socket: Socket,
    limits: Limits,
    serve: impl Fn(Peer) -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send,
{
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let (mut reader, mut writer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(RETRY_DELAY).await;
                continue;
            }
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            tracing::warn!("too many connections; one is refused");
            continue;
        };
        let serve = serve.clone();
        tokio::spawn(async move {
            let greeted = tokio::time::timeout(
                HANDSHAKE_TIMEOUT,
                shake_hands(&mut reader, &mut writer, socket),
            );
            match greeted.await {
                Ok(Ok(identity)) => {
                    let (outbox, queue) = Outbox::new();
                    let writing = tokio::spawn(queue.write(writer));
                    serve(Peer {
                        identity,
                        outbox,
                        reader,
                        limits,
                    })
                    .await;
                    // A reader that has stopped would hold the writer up for ever.
                    writing.abort();
                }
                Ok(Err(error)) => tracing::debug!("no handshake: {error}"),
                Err(_) => tracing::debug!("no handshake in time"),
            }
            drop(place);
        });
    }
}
