//! A session: a kernel process and the connection to it.

use std::path::Path;
use std::time::Duration;

use jupyter_protocol::{
    InputReply, InterruptRequest, JupyterMessageContent, KernelInfoRequest, ShutdownRequest,
};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::client::{Client, Event};
use super::kernel_process::KernelProcess;
use super::session_error::{START_TIMEOUT, SessionError};
use super::stop::Stop;
use crate::ipc::Timings;
use crate::jupyter::spec::Kernel;
use crate::jupyter::wire::RawMessage;

/// How long a kernel may take to exit after a shutdown request.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a dead kernel's last messages may take to arrive.
const LAST_MESSAGES_TIMEOUT: Duration = Duration::from_secs(1);
/// How long to wait for the first iopub message before the next request.
const WELCOME_TIMEOUT: Duration = Duration::from_millis(200);

/// The result of [`Session::next`].
#[derive(Debug)]
pub enum Next {
    /// A message on iopub.
    Output(RawMessage),
    /// A message on shell.
    Reply(RawMessage),
    /// The deadline has passed.
    Late,
}

/// A kernel that is ready.
pub struct Session {
    process: KernelProcess,
    client: Client,
    stop: Stop,
    /// How many stop requests of the user end the session.
    stop_count: u32,
    /// The content of its `kernel_info_reply`.
    pub info: Map<String, Value>,
    /// Where the time of the last cell went.
    timings: Option<Timings>,
}

impl Session {
    /// Starts the kernel in this directory and waits until it answers on shell and iopub.
    ///
    /// # Errors
    /// [`SessionError`]; the kernel has been stopped by then.
    pub async fn start(
        kernel: &Kernel,
        folder: &Path,
        mut stop: Stop,
    ) -> Result<Self, SessionError> {
        let deadline = Instant::now() + START_TIMEOUT;
        let mut process = KernelProcess::start(kernel, folder)?;
        let connected = tokio::select! {
            biased;
            () = stop.requested(1) => return Err(SessionError::Stopped),
            connected = Client::connect(process.connection.info()) => connected,
            () = process.ended() => return Err(death(&mut process)),
            () = tokio::time::sleep_until(deadline) => return Err(SessionError::Silent),
        };
        let client = match connected {
            Ok(client) => client,
            Err(error) => return Err(why_lost(error.into(), &mut process, &mut stop, 1).await),
        };
        let mut session = Self {
            process,
            client,
            stop,
            stop_count: 1,
            info: Map::new(),
            timings: None,
        };
        session.wait_until_ready(deadline).await?;
        // Output from the start does not explain a later death.
        session.process.last_words();
        Ok(session)
    }

    /// Waits for a reply on shell and for any message on iopub.
    ///
    /// A subscription takes effect only after a while, and messages published before that are lost. A kernel of
    /// protocol 5.5 welcomes each subscriber. Any other kernel publishes its status with each reply, so this repeats
    /// the request until a status arrives.
    async fn wait_until_ready(&mut self, deadline: Instant) -> Result<(), SessionError> {
        let mut published = false;
        let mut requests = vec![self.request(KernelInfoRequest {}).await?];
        let mut ask_again = deadline;
        loop {
            match self.next(Some(ask_again)).await? {
                Next::Reply(message) if requests.iter().any(|id| id == message.parent_id()) => {
                    self.info = message.content;
                    if !self.is_welcoming() {
                        ask_again = deadline.min(Instant::now() + WELCOME_TIMEOUT);
                    }
                }
                Next::Reply(_) => (),
                Next::Output(_) => published = true,
                Next::Late if ask_again == deadline => return Err(SessionError::Silent),
                Next::Late => {
                    requests.push(self.request(KernelInfoRequest {}).await?);
                    ask_again = deadline.min(Instant::now() + WELCOME_TIMEOUT);
                }
            }
            if published && !self.info.is_empty() {
                return Ok(());
            }
        }
    }

    fn is_welcoming(&self) -> bool {
        let features = self
            .info
            .get("supported_features")
            .and_then(Value::as_array);
        features.is_some_and(|features| features.iter().any(|feature| feature == "iopub_welcome"))
    }

    /// Asks the kernel to run code; returns the id of the request.
    ///
    /// # Errors
    /// [`SessionError::Died`] or [`SessionError::Client`] when the request cannot be sent.
    pub async fn execute(
        &mut self,
        code: &str,
        stop_on_error: bool,
    ) -> Result<String, SessionError> {
        let request = jupyter_protocol::ExecuteRequest {
            code: code.to_owned(),
            silent: false,
            store_history: true,
            user_expressions: None,
            allow_stdin: false,
            stop_on_error,
        };
        self.request(request).await
    }

    /// Waits for the next message, or for the deadline if there is one. Cancel safe: dropping the future loses no
    /// message.
    ///
    /// # Errors
    /// [`SessionError::Died`] as soon as the process has exited and all its messages have been returned;
    /// [`SessionError::Stopped`] when the user stops the run; [`SessionError::Lost`] when the kernel closes the
    /// connection and runs on; [`SessionError::Client`] when an input request cannot be answered.
    pub async fn next(&mut self, deadline: Option<Instant>) -> Result<Next, SessionError> {
        loop {
            // The order matters: a kernel that never stops sending can still be stopped.
            let event = tokio::select! {
                biased;
                () = self.stop.requested(self.stop_count) => return Err(SessionError::Stopped),
                () = at(deadline) => return Ok(Next::Late),
                event = self.client.next() => event,
                () = self.process.ended() => self.last_event().await,
            };
            match event {
                Event::Output(message) => return Ok(Next::Output(message)),
                Event::Reply(message) => {
                    let timings = message.metadata().get("threadbook").cloned();
                    self.timings = timings.and_then(|value| serde_json::from_value(value).ok());
                    return Ok(Next::Reply(message));
                }
                // Cells run with `allow_stdin: false`; a kernel that asks anyway gets an empty line.
                Event::Question(question) => {
                    let line = InputReply {
                        value: String::new(),
                        ..Default::default()
                    };
                    self.client.answer(question, line).await?;
                }
                Event::Closed => return Err(self.why_lost(SessionError::Lost).await),
            }
        }
    }

    /// Takes the timings of the last cell, if the kernel reported them.
    pub fn take_timings(&mut self) -> Option<Timings> {
        self.timings.take()
    }

    /// Returns the next message that a dead kernel sent. A process that the kernel started may keep the connections
    /// open, so their end is not always visible; hence the timeout.
    async fn last_event(&mut self) -> Event {
        tokio::time::timeout(LAST_MESSAGES_TIMEOUT, self.client.next())
            .await
            .unwrap_or(Event::Closed)
    }

    /// Sends a request on shell; returns its id.
    async fn request(
        &mut self,
        content: impl Into<JupyterMessageContent>,
    ) -> Result<String, SessionError> {
        match self.client.request(content).await {
            Ok(id) => Ok(id),
            Err(error) => Err(self.why_lost(error.into()).await),
        }
    }

    async fn why_lost(&mut self, error: SessionError) -> SessionError {
        why_lost(error, &mut self.process, &mut self.stop, self.stop_count).await
    }

    /// Interrupts the running cell, in the way the kernelspec specifies.
    ///
    /// # Errors
    /// [`SessionError::Client`].
    pub async fn interrupt(&mut self) -> Result<(), SessionError> {
        if self.process.is_interrupted_by_message() {
            self.client.control(InterruptRequest {}).await?;
        } else {
            self.process.signal_interrupt();
        }
        Ok(())
    }

    /// Lets the session continue after the first stop request, until the second.
    pub fn wind_up(&mut self) {
        self.stop_count = 2;
    }

    /// Asks the kernel to exit; kills it if that takes too long or the user asks again to stop.
    pub async fn shutdown(mut self) {
        // If the request cannot be sent, waiting is pointless.
        if self
            .client
            .control(ShutdownRequest { restart: false })
            .await
            .is_ok()
        {
            tokio::select! {
                () = self.process.ended() => (),
                () = tokio::time::sleep(SHUTDOWN_TIMEOUT) => (),
                () = self.stop.requested(2) => (),
            }
        }
        self.process.stop();
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Returns why the connection is lost: `error`, unless the process now exits or the user stops the run. A kernel that
/// exits closes its sockets first.
async fn why_lost(
    error: SessionError,
    process: &mut KernelProcess,
    stop: &mut Stop,
    stop_count: u32,
) -> SessionError {
    tokio::select! {
        biased;
        () = process.ended() => death(process),
        () = stop.requested(stop_count) => SessionError::Stopped,
        () = tokio::time::sleep(SHUTDOWN_TIMEOUT) => error,
    }
}

fn death(process: &mut KernelProcess) -> SessionError {
    let status = process.stop();
    SessionError::Died {
        status,
        last_words: process.last_words(),
    }
}
