//! Accepts connections and performs the handshake.

use super::Message;
use super::frame::{self, Limits, Received};
use super::handshake::{SocketType, shake_hands};
use super::listener::{Listener, Reader};
use super::outbox::Outbox;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The maximum number of connections to one socket. A notebook has a handful of clients.
const MAX_CONNECTIONS: usize = 200;

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait after a failed `accept`: errors such as too many open files need time to clear.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// A peer after the handshake.
pub struct Peer {
    /// The identity it sent; empty if it sent none.
    pub identity: Bytes,
    pub outbox: Outbox,
    reader: Reader,
    limits: Limits,
}

impl Peer {
    /// Receives the next message; `None` once the connection has ended or must end.
    pub async fn receive(&mut self) -> Option<Message> {
        loop {
            let received = tokio::select! {
                received = frame::read(&mut self.reader, self.limits) => received,
                () = self.outbox.closed() => return None,
            };
            match received {
                Ok(Received::Message(message)) => return Some(message),
                // ZMTP 3.0 may ignore commands of later versions, such as PING.
                Ok(Received::Command(_)) => {}
                Err(error) => {
                    tracing::debug!("closing a connection: {error}");
                    return None;
                }
            }
        }
    }
}

/// Accepts connections forever. `serve` handles each peer until it disconnects.
pub async fn accept<F>(
    listener: Listener,
    socket: SocketType,
    limits: Limits,
    serve: impl Fn(Peer) -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send,
{
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let (mut reader, mut writer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(RETRY_DELAY).await;
                continue;
            }
        };
        let Ok(slot) = slots.clone().try_acquire_owned() else {
            tracing::warn!("refused a connection: {MAX_CONNECTIONS} are open");
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
                    // A peer that stopped reading would block the writer forever.
                    writing.abort();
                }
                Ok(Err(error)) => tracing::debug!("handshake failed: {error}"),
                Err(_) => tracing::debug!("handshake timed out"),
            }
            drop(slot);
        });
    }
}
