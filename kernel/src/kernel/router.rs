//! A socket on which clients ask and the kernel answers: shell, control and stdin.

use crate::jupyter::wire::{self, Key};
use anyhow::{Context, Result};
use jupyter_protocol::{JupyterMessage, JupyterMessageContent};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use zeromq::{RouterRecvHalf, RouterSendHalf, RouterSocket, Socket, SocketRecv, SocketSend};

#[derive(Debug, Clone, Copy)]
pub enum Channel {
    Shell,
    Control,
    Stdin,
}

/// A request, and the socket that it came in on.
pub struct Mail {
    pub channel: Channel,
    pub message: JupyterMessage,
}

/// The sending side of a socket.
#[derive(Clone)]
pub struct Router {
    socket: Arc<Mutex<RouterSendHalf>>,
    key: Key,
    session: Arc<str>,
}

impl Router {
    /// Binds the socket; requests that come in go to `mail`.
    pub async fn bind(
        url: &str,
        channel: Channel,
        key: Key,
        session: &str,
        mail: mpsc::UnboundedSender<Mail>,
    ) -> Result<Router> {
        let mut socket = RouterSocket::new();
        socket
            .bind(url)
            .await
            .with_context(|| format!("cannot bind {url}"))?;
        let (sender, receiver) = socket.split();
        tokio::spawn(receive(receiver, channel, key.clone(), mail));
        Ok(Router {
            socket: Arc::new(Mutex::new(sender)),
            key,
            session: session.into(),
        })
    }

    /// Answers a request.
    pub async fn reply(&self, request: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        let mut message = JupyterMessage::new(content, Some(request));
        stamp(&mut message, &self.session);
        if let Err(error) = self
            .socket
            .lock()
            .await
            .send(wire::encode(&message, &self.key))
            .await
        {
            // The client has gone.
            tracing::debug!("{}: {error}", message.header.msg_type);
        }
    }
}

/// Writes the kernel's session and protocol version into a message's header.
pub fn stamp(message: &mut JupyterMessage, session: &str) {
    message.header.session = session.to_owned();
    message.header.username = "kernel".to_owned();
    message.header.version = super::info::PROTOCOL_VERSION.to_owned();
}

async fn receive(
    mut socket: RouterRecvHalf,
    channel: Channel,
    key: Key,
    mail: mpsc::UnboundedSender<Mail>,
) {
    loop {
        let frames = match socket.recv().await {
            Ok(frames) => frames,
            Err(error) => {
                tracing::error!("{channel:?}: {error}");
                return;
            }
        };
        match wire::decode(frames, &key) {
            Ok(message) => {
                if mail.send(Mail { channel, message }).is_err() {
                    return;
                }
            }
            // Anyone on this machine can reach the port; only who has the key is listened to.
            Err(error) => tracing::warn!("{channel:?}: dropped a message: {error}"),
        }
    }
}
