//! The client's side of a kernel's sockets.
//!
//! Every socket that is read has a task of its own, which puts what arrives into one queue. So the kernel's publisher,
//! which drops messages when its own queue is full, is always read at once, however long the runner takes with them.

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

/// How often it is looked whether the kernel listens yet.
const LISTEN_INTERVAL: Duration = Duration::from_millis(10);

/// Why the connection to a kernel cannot be made or is lost.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The sockets.
    #[error("the connection to the kernel failed: {0}")]
    Socket(#[from] ZmqError),
    /// The connection file.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// What a kernel sends.
#[derive(Debug)]
pub enum Event {
    /// On iopub: outputs and states.
    Output(RawMessage),
    /// On shell: the answer to a request.
    Reply(RawMessage),
    /// On stdin: a question to the user.
    Question(RawMessage),
    /// The kernel has closed iopub; all it sent there has been received before.
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
    /// Connects to a kernel as soon as it listens: this waits for that, so bound it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn connect(info: &ConnectionInfo) -> Result<Self, ClientError> {
        let key = Key::of(info)?;
        let session = Uuid::new_v4().to_string();
        // A kernel sends its question to the identity that the request came from, so shell and stdin share theirs.
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

    /// Sends a request on shell; gives its id, which its answers name as their parent.
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

    /// Sends a request on control, which a kernel reads also while a cell runs.
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

    /// Answers a question of the kernel.
    ///
    /// # Errors
    /// [`ClientError::Socket`] when the kernel has closed the socket, [`ClientError::Wire`] when the question is broken.
    pub async fn answer(
        &mut self,
        question: RawMessage,
        content: impl Into<JupyterMessageContent>,
    ) -> Result<(), ClientError> {
        let mut message = new_message(content, &self.session);
        message.parent_header = Some(question.parse()?.header);
        Ok(self.stdin.send(wire::encode(&message, &self.key)).await?)
    }

    /// What the kernel sent next. May be dropped while it waits; nothing is lost then.
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

/// Returns when something listens on the port. Nothing tells a client of that moment, so it has to be tried; ZeroMQ
/// would try too, but wait seconds in between.
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
            // The socket reports this after the last message of the connection was received.
            Some(event) = monitor.next() => if let SocketEvent::Disconnected(_) = event {
                break;
            },
        }
    }
    // The receiver is gone when the runner has finished; then nobody needs to know.
    let _ = queue.send(Event::Closed);
}

fn pass_on(
    message: Result<RawMessage, WireError>,
    queue: &UnboundedSender<Event>,
    event: fn(RawMessage) -> Event,
) {
    match message {
        // As above: without a receiver there is nobody to tell.
        Ok(message) => drop(queue.send(event(message))),
        Err(error) => tracing::warn!("a message was dropped: {error}"),
    }
}
