//! The ROUTER sockets (shell, control and stdin), on which clients send requests and the kernel replies.

use crate::jupyter::replay::Replay;
use crate::jupyter::request::Request;
use crate::jupyter::wire::{self, Key};
use crate::zmtp;
use anyhow::Result;
use jupyter_protocol::{JupyterMessage, JupyterMessageContent};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use zeromq::ZmqMessage;

#[derive(Debug, Clone, Copy)]
pub enum Channel {
    Shell,
    Control,
    Stdin,
}

/// A request, and the socket on which it arrived.
pub struct IncomingRequest {
    pub channel: Channel,
    pub request: Request,
}

/// The queue for requests from all sockets.
#[derive(Clone)]
pub struct RequestQueue {
    queue: mpsc::Sender<IncomingRequest>,
    replay: Arc<Mutex<Replay>>,
}

impl RequestQueue {
    /// Creates a queue and returns its two ends. It is bounded: when it is full, clients wait.
    pub fn new() -> (RequestQueue, mpsc::Receiver<IncomingRequest>) {
        let (queue, inbox) = mpsc::channel(64);
        let replay = Arc::default();
        (RequestQueue { queue, replay }, inbox)
    }
}

/// The sending side of a socket.
#[derive(Clone)]
pub struct Router {
    socket: zmtp::Router,
    key: Key,
    session: Arc<str>,
}

impl Router {
    /// Binds the socket; what clients send goes to `requests`.
    pub async fn bind(
        url: &str,
        channel: Channel,
        key: Key,
        session: &str,
        requests: RequestQueue,
    ) -> Result<Router> {
        let (socket, messages) = zmtp::Router::bind(url).await?;
        tokio::spawn(receive(messages, channel, key.clone(), requests));
        Ok(Router {
            socket,
            key,
            session: session.into(),
        })
    }

    /// Replies to a request.
    pub async fn reply(&self, request: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        self.reply_with(request, content, json!({})).await;
    }

    /// Replies to a request, with an object of metadata.
    pub async fn reply_with(
        &self,
        request: &JupyterMessage,
        content: impl Into<JupyterMessageContent>,
        metadata: Value,
    ) {
        let mut message = JupyterMessage::new(content, Some(request));
        message.metadata = metadata;
        self.send(message).await;
    }

    /// Sends a message to the client whose identity it contains.
    pub async fn send(&self, mut message: JupyterMessage) {
        stamp(&mut message, &self.session);
        let frames = wire::encode(&message, &self.key).into_vec();
        if !self.socket.send(&frames).await {
            tracing::debug!("{}: the client has disconnected", message.header.msg_type);
        }
    }

    /// Waits until all replies are sent.
    pub async fn flush(&self) {
        self.socket.flush().await;
    }
}

/// Writes the kernel's session and protocol version into a message's header.
pub fn stamp(message: &mut JupyterMessage, session: &str) {
    message.header.session = session.to_owned();
    message.header.username = "kernel".to_owned();
    message.header.version = super::info::PROTOCOL_VERSION.to_owned();
}

async fn receive(
    mut messages: mpsc::Receiver<zmtp::Message>,
    channel: Channel,
    key: Key,
    requests: RequestQueue,
) {
    while let Some(frames) = messages.recv().await {
        // An error is impossible: the message contains at least the identity frame.
        let Ok(frames) = ZmqMessage::try_from(frames) else {
            continue;
        };
        let decoded = {
            let mut replay = requests
                .replay
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            Request::decode(frames, &key, &mut replay)
        };
        match decoded {
            Ok(request) => {
                if requests
                    .queue
                    .send(IncomingRequest { channel, request })
                    .await
                    .is_err()
                {
                    return;
                }
            }
            // Anyone on this machine can reach the port; only clients that have the key are heard.
            Err(error) => tracing::warn!("{channel:?}: dropped a message: {error}"),
        }
    }
}
