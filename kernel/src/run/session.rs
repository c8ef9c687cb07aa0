//! A session: a kernel process and the connection to it.

use std::path::Path;
use std::time::Duration;

use jupyter_protocol::{InputReply, InterruptRequest, KernelInfoRequest, ShutdownRequest};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::client::{Client, ClientError, Event};
use super::kernel_process::{KernelProcess, StartError};
use super::stop::Stop;
use crate::ipc::Timings;
use crate::jupyter::spec::Kernel;
use crate::jupyter::wire::RawMessage;

/// How long a kernel may take to start and answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a kernel may take to exit after a shutdown request.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a dead kernel's last messages may take to arrive.
const LAST_MESSAGES_TIMEOUT: Duration = Duration::from_secs(1);
/// How long to wait for the first iopub message before the next request.
const WELCOME_TIMEOUT: Duration = Duration::from_millis(200);

/// Why a kernel cannot be used, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It cannot be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It does not answer.
    #[error("the kernel did not answer within {} s of its start", START_TIMEOUT.as_secs())]
    Silent,
    /// The connection failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Its process has exited.
    #[error("the kernel died ({status}){}", last_line(.last_words))]
    Died {
        /// Its exit status.
        status: String,
        /// Its last output outside of cells.
        last_words: String,
    },
    /// It has closed the connection but is still running.
    #[error("the kernel closed the connection")]
    Lost,
    /// The user stopped the run.
    #[error("stopped")]
    Stopped,
}

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
            connected = Client::connect(process.connection.info()) => Some(connected?),
            () = process.ended() => None,
            () = tokio::time::sleep_until(deadline) => return Err(SessionError::Silent),
        };
        let Some(client) = connected else {
            return Err(death(&mut process));
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
    /// protocol
    /// 5.5 welcomes each subscriber. Any other kernel publishes its status with each reply, so this repeats the request
    /// until a status arrives.
    async fn wait_until_ready(&mut self, deadline: Instant) -> Result<(), SessionError> {
        let mut published = false;
        let mut requests = vec![self.client.request(KernelInfoRequest {}).await?];
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
                    requests.push(self.client.request(KernelInfoRequest {}).await?);
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
    /// [`SessionError::Client`].
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
        Ok(self.client.request(request).await?)
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
                Event::Closed => return Err(self.why_closed().await),
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

    async fn why_closed(&mut self) -> SessionError {
        tokio::select! {
            biased;
            () = self.process.ended() => death(&mut self.process),
            () = self.stop.requested(self.stop_count) => SessionError::Stopped,
            () = tokio::time::sleep(SHUTDOWN_TIMEOUT) => SessionError::Lost,
        }
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

fn death(process: &mut KernelProcess) -> SessionError {
    let status = process.stop();
    SessionError::Died {
        status,
        last_words: process.last_words(),
    }
}

fn last_line(text: &str) -> String {
    text.lines()
        .last()
        .map(|line| format!("; it last printed: {line}"))
        .unwrap_or_default()
}
