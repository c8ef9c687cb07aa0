//! The client side of a kernel's sockets.
//!
//! One task per socket moves incoming messages into a common queue. A kernel's publisher drops messages when its own
//! queue is full; the tasks drain it immediately, however slowly the runner handles the messages.

use std::time::Duration;

use futures::StreamExt;
use jupyter_protocol::{ConnectionInfo, JupyterMessage, JupyterMessageContent};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use uuid::Uuid;
use zeromq::util::PeerIdentity;
use zeromq::{
    DealerRecvHalf, DealerSendHalf, DealerSocket, Socket, SocketEvent, SocketOptions, SocketRecv,
    SocketSend, SubSocket, ZmqError,
};

use crate::jupyter::wire::{self, Key, RawMessage, WireError};

/// How often [`listening`] tries to connect.
const LISTEN_INTERVAL: Duration = Duration::from_millis(10);

/// Why a connection to a kernel cannot be made or is lost.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A socket failed.
    #[error("the connection to the kernel failed: {0}")]
    Socket(#[from] ZmqError),
    /// The connection file is unusable, or a message is malformed.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// A message from a kernel, or the end of them.
#[derive(Debug)]
pub enum Event {
    /// On iopub: an output or a status.
    Output(RawMessage),
    /// On shell: the reply to a request.
    Reply(RawMessage),
    /// On stdin: an input request to the user.
    Question(RawMessage),
    /// The kernel has closed iopub, and everything it sent there has been received.
    Closed,
}

/// A connected client.
pub struct Client {
    key: Key,
    session: String,
    shell: DealerSendHalf,
    control: DealerSendHalf,
    stdin: DealerSendHalf,
    events: UnboundedReceiver<Event>,
    _readers: JoinSet<()>,
}

impl Client {
    /// Waits until the kernel listens, then connects. There is no timeout; the caller sets one.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn connect(info: &ConnectionInfo) -> Result<Self, ClientError> {
        let key = Key::of(info)?;
        let session = Uuid::new_v4().to_string();
        // A kernel sends an input request to the identity that sent the request, so shell and stdin share one.
        let identity: PeerIdentity = session.parse()?;
        let dealer = async |port: u16, endpoint: String| -> Result<_, ZmqError> {
            let mut options = SocketOptions::default();
            options.peer_identity(identity.clone());
            let mut socket = DealerSocket::with_options(options);
            listening(&info.ip, port).await;
            socket.connect(&endpoint).await?;
            Ok(socket.split())
        };
        let (queue, events) = unbounded_channel();
        let mut readers = JoinSet::new();

        let mut iopub = SubSocket::new();
        iopub.subscribe("").await?;
        listening(&info.ip, info.iopub_port).await;
        iopub.connect(&info.iopub_url()).await?;
        readers.spawn(read_iopub(iopub, key.clone(), queue.clone()));
        let (shell, replies) = dealer(info.shell_port, info.shell_url()).await?;
        readers.spawn(read(replies, key.clone(), queue.clone(), Event::Reply));
        let (stdin, questions) = dealer(info.stdin_port, info.stdin_url()).await?;
        readers.spawn(read(questions, key.clone(), queue, Event::Question));
        let (control, _) = dealer(info.control_port, info.control_url()).await?;

        Ok(Self {
            key,
            session,
            shell,
            control,
            stdin,
            events,
            _readers: readers,
        })
    }

    /// Sends a request on shell; returns its id, which its replies name as their parent.
    ///
    /// # Errors
    /// [`ClientError::Socket`] when the kernel has closed the socket.
    pub async fn request(
        &mut self,
        content: impl Into<JupyterMessageContent>,
    ) -> Result<String, ClientError> {
        let message = new_message(content, &self.session);
        self.shell.send(wire::encode(&message, &self.key)).await?;
        Ok(message.header.msg_id)
    }

    /// Sends a request on control, which a kernel reads even while a cell runs.
    ///
    /// # Errors
    /// [`ClientError::Socket`] when the kernel has closed the socket.
    pub async fn control(
        &mut self,
        content: impl Into<JupyterMessageContent>,
    ) -> Result<(), ClientError> {
        let message = new_message(content, &self.session);
        Ok(self.control.send(wire::encode(&message, &self.key)).await?)
    }

    /// Answers an input request of the kernel.
    ///
    /// # Errors
    /// [`ClientError::Socket`] when the kernel has closed the socket, [`ClientError::Wire`] when the request is
    /// malformed.
    pub async fn answer(
        &mut self,
        question: RawMessage,
        content: impl Into<JupyterMessageContent>,
    ) -> Result<(), ClientError> {
        let mut message = new_message(content, &self.session);
        message.parent_header = Some(question.parse()?.header);
        Ok(self.stdin.send(wire::encode(&message, &self.key)).await?)
    }

    /// Waits for the next message of the kernel. Cancel safe: dropping the future loses no message.
    pub async fn next(&mut self) -> Event {
        // The tasks that fill the queue live as long as this client.
        self.events.recv().await.unwrap_or(Event::Closed)
    }
}

fn new_message(content: impl Into<JupyterMessageContent>, session: &str) -> JupyterMessage {
    let mut message = JupyterMessage::new(content, None).with_session(session);
    message.header.username = "threadbook".to_owned();
    message
}

/// Waits until something listens on the port. No event announces that, so this polls; ZeroMQ would retry too, but only
/// every few seconds.
async fn listening(ip: &str, port: u16) {
    while TcpStream::connect((ip, port)).await.is_err() {
        tokio::time::sleep(LISTEN_INTERVAL).await;
    }
}

async fn read(
    mut socket: DealerRecvHalf,
    key: Key,
    queue: UnboundedSender<Event>,
    event: fn(RawMessage) -> Event,
) {
    while let Ok(message) = socket.recv().await {
        pass_on(RawMessage::open(message, &key), &queue, event);
    }
}

async fn read_iopub(mut socket: SubSocket, key: Key, queue: UnboundedSender<Event>) {
    let mut monitor = socket.monitor();
    loop {
        tokio::select! {
            biased;
            message = socket.recv() => match message {
                Ok(message) => pass_on(RawMessage::open(message, &key), &queue, Event::Output),
                Err(error) => tracing::warn!("iopub: {error}"),
            },
            // The socket reports this after it has received the connection's last message.
            Some(event) = monitor.next() => if let SocketEvent::Disconnected(_) = event {
                break;
            },
        }
    }
    // Fails only when the receiver is gone: the runner has finished.
    let _ = queue.send(Event::Closed);
}

fn pass_on(
    message: Result<RawMessage, WireError>,
    queue: &UnboundedSender<Event>,
    event: fn(RawMessage) -> Event,
) {
    match message {
        // Fails only when the receiver is gone, as above.
        Ok(message) => drop(queue.send(event(message))),
        Err(error) => tracing::warn!("a message was dropped: {error}"),
    }
}
