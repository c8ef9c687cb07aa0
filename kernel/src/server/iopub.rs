//! The IOPub socket, on which the kernel broadcasts to all clients.

use super::router::stamp;
use crate::jupyter::wire::{self, Key};
use crate::zmtp::{self, Publisher, Subscription};
use anyhow::Result;
use jupyter_protocol::{IoPubWelcome, JupyterMessage, JupyterMessageContent, Status};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

#[derive(Clone)]
pub struct IoPub {
    queue: mpsc::UnboundedSender<Outgoing>,
    session: Arc<str>,
}

enum Outgoing {
    Message(Box<JupyterMessage>),
    /// Asks for a signal when everything sent before is out.
    Flush(oneshot::Sender<()>),
}

impl IoPub {
    pub async fn bind(url: &str, key: Key, session: &str) -> Result<IoPub> {
        let (socket, subscriptions) = Publisher::bind(url).await?;
        let (queue, inbox) = mpsc::unbounded_channel();
        let session: Arc<str> = session.into();
        tokio::spawn(publish(socket, subscriptions, inbox, key, session.clone()));
        Ok(IoPub { queue, session })
    }

    /// Sends a message to all clients, as a child of `parent`.
    pub fn send(&self, parent: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        let mut message = JupyterMessage::new(content, Some(parent));
        // The identities are those of the client that sent `parent`; this message goes to all clients.
        message.zmq_identities.clear();
        stamp(&mut message, &self.session);
        // Never fails: the receiver lives as long as the process.
        let _ = self.queue.send(Outgoing::Message(Box::new(message)));
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
        if self.queue.send(Outgoing::Flush(done)).is_ok() {
            let _ = wait.await;
        }
    }
}

async fn publish(
    socket: Publisher,
    mut subscriptions: mpsc::UnboundedReceiver<Subscription>,
    mut inbox: mpsc::UnboundedReceiver<Outgoing>,
    key: Key,
    session: Arc<str>,
) {
    loop {
        tokio::select! {
            // Send a welcome before anything that the new subscriber may be waiting for.
            biased;
            Some(subscription) = subscriptions.recv() => {
                let welcome = with_topic(&welcome(&subscription.topic, &session), &key);
                socket.answer(&subscription, &welcome).await;
            }
            outgoing = inbox.recv() => match outgoing {
                Some(Outgoing::Message(message)) => {
                    socket.publish(&with_topic(&message, &key)).await;
                }
                Some(Outgoing::Flush(done)) => {
                    socket.flush().await;
                    let _ = done.send(());
                }
                None => return,
            },
        }
    }
}

/// Prepends the topic, by which subscribers filter. Like ipykernel, uses the message type.
fn with_topic(message: &JupyterMessage, key: &Key) -> zmtp::Message {
    let mut frames = wire::encode(message, key).into_vec();
    frames.insert(0, message.header.msg_type.clone().into());
    frames
}

/// Creates the answer to a new subscription (JEP 65).
fn welcome(topic: &[u8], session: &str) -> JupyterMessage {
    let topic = String::from_utf8_lossy(topic).into_owned();
    let mut message = JupyterMessage::new(IoPubWelcome::new(topic), None);
    stamp(&mut message, session);
    message
}
