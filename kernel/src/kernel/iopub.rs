//! The socket on which the kernel tells all clients what happens.

use super::router::stamp;
use crate::jupyter::wire::{self, Key};
use anyhow::{Context, Result};
use jupyter_protocol::{IoPubWelcome, JupyterMessage, JupyterMessageContent, Status};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use zeromq::{Socket, SocketRecv, SocketSend, XPubSocket};

#[derive(Clone)]
pub struct IoPub {
    letters: mpsc::UnboundedSender<Letter>,
    session: Arc<str>,
}

enum Letter {
    Message(Box<JupyterMessage>),
    /// Asks to be told when all that was sent before is out.
    Flush(oneshot::Sender<()>),
}

impl IoPub {
    pub async fn bind(url: &str, key: Key, session: &str) -> Result<IoPub> {
        let mut socket = XPubSocket::new();
        socket
            .bind(url)
            .await
            .with_context(|| format!("cannot bind {url}"))?;
        let (letters, inbox) = mpsc::unbounded_channel();
        let session: Arc<str> = session.into();
        tokio::spawn(publish(socket, inbox, key, session.clone()));
        Ok(IoPub { letters, session })
    }

    /// Tells all clients something that came of `parent`.
    pub fn send(&self, parent: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        let mut message = JupyterMessage::new(content, Some(parent));
        // The identities are those of the client that asked; this goes to all.
        message.zmq_identities.clear();
        stamp(&mut message, &self.session);
        // The receiver ends with the process.
        let _ = self.letters.send(Letter::Message(Box::new(message)));
    }

    pub fn busy(&self, parent: &JupyterMessage) {
        self.send(parent, Status::busy());
    }

    pub fn idle(&self, parent: &JupyterMessage) {
        self.send(parent, Status::idle());
    }

    /// Waits until all messages are out.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.letters.send(Letter::Flush(done)).is_ok() {
            let _ = wait.await;
        }
    }
}

async fn publish(
    mut socket: XPubSocket,
    mut inbox: mpsc::UnboundedReceiver<Letter>,
    key: Key,
    session: Arc<str>,
) {
    loop {
        let message = tokio::select! {
            // A welcome goes out before anything that the new subscriber could wait for.
            biased;
            subscription = socket.recv() => match subscription {
                Ok(frames) => welcome(&frames, &session),
                Err(error) => {
                    tracing::debug!("iopub: {error}");
                    None
                }
            },
            letter = inbox.recv() => match letter {
                Some(Letter::Message(message)) => Some(*message),
                Some(Letter::Flush(done)) => {
                    let _ = done.send(());
                    None
                }
                None => return,
            },
        };
        let Some(message) = message else { continue };
        let mut frames = wire::encode(&message, &key);
        // Subscribers filter by the first frame; the type is what ipykernel puts there too.
        frames.push_front(message.header.msg_type.clone().into_bytes().into());
        if let Err(error) = socket.send(frames).await {
            tracing::debug!("iopub: {error}");
        }
    }
}

/// The answer to a new subscription (JEP 65).
fn welcome(frames: &zeromq::ZmqMessage, session: &str) -> Option<JupyterMessage> {
    let topic = frames.get(0)?.strip_prefix(&[1])?;
    let topic = String::from_utf8_lossy(topic).into_owned();
    let mut message = JupyterMessage::new(IoPubWelcome::new(topic), None);
    stamp(&mut message, session);
    Some(message)
}
