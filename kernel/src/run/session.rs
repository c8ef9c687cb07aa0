//! One kernel in use: its process and the connection to it.

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

/// How long a kernel may take until it answers.
const START: Duration = Duration::from_secs(60);
/// How long a kernel may take to end after it was asked to.
const SHUTDOWN: Duration = Duration::from_secs(5);
/// How long what a dead kernel has sent may take to arrive.
const LAST_MESSAGES: Duration = Duration::from_secs(1);
/// How long to wait for a first message on iopub before the next one is asked for.
const WELCOME: Duration = Duration::from_millis(200);

/// Why a kernel cannot be used, or not any longer.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It cannot be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It does not answer.
    #[error("the kernel did not answer within {} s of its start", START.as_secs())]
    Silent,
    /// The connection to it is lost.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Its process has ended.
    #[error("the kernel died ({status}){}", last_line(.last_words))]
    Died {
        /// How it ended.
        status: String,
        /// What it printed last, outside of cells.
        last_words: String,
    },
    /// It has closed the connection, but goes on.
    #[error("the kernel has closed the connection")]
    Lost,
    /// The user has stopped the runner.
    #[error("stopped")]
    Stopped,
}

/// What happened next.
#[derive(Debug)]
pub enum Next {
    /// A message on iopub.
    Output(RawMessage),
    /// A message on shell.
    Reply(RawMessage),
    /// The deadline.
    Late,
}

/// A kernel that answers.
pub struct Session {
    process: KernelProcess,
    client: Client,
    stop: Stop,
    /// How often the user has to ask before the session stops.
    patience: u32,
    /// The content of its `kernel_info_reply`.
    pub info: Map<String, Value>,
    /// Where the time of the last cell went.
    timings: Option<Timings>,
}

impl Session {
    /// Starts the kernel in this folder and waits until it answers on shell and on iopub.
    ///
    /// # Errors
    /// [`SessionError`]; the kernel is stopped then.
    pub async fn start(
        kernel: &Kernel,
        folder: &Path,
        mut stop: Stop,
    ) -> Result<Self, SessionError> {
        let deadline = Instant::now() + START;
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
            patience: 1,
            info: Map::new(),
            timings: None,
        };
        session.wait_until_ready(deadline).await?;
        // What a kernel says while it starts does not explain why it dies later.
        session.process.last_words();
        Ok(session)
    }

    /// Waits for the answer on shell, and for anything on iopub.
    ///
    /// A subscription takes effect some time after it was made, and what the kernel publishes before that is lost. A
    /// kernel of protocol 5.5 welcomes each subscriber; of any other the states that come with an answer show that
    /// messages arrive, so it is asked again until one does.
    async fn wait_until_ready(&mut self, deadline: Instant) -> Result<(), SessionError> {
        let mut published = false;
        let mut requests = vec![self.client.request(KernelInfoRequest {}).await?];
        let mut ask_again = deadline;
        loop {
            match self.next(Some(ask_again)).await? {
                Next::Reply(message) if requests.iter().any(|id| id == message.parent_id()) => {
                    self.info = message.content;
                    if !self.is_welcoming() {
                        ask_again = deadline.min(Instant::now() + WELCOME);
                    }
                }
                Next::Reply(_) => (),
                Next::Output(_) => published = true,
                Next::Late if ask_again == deadline => return Err(SessionError::Silent),
                Next::Late => {
                    requests.push(self.client.request(KernelInfoRequest {}).await?);
                    ask_again = deadline.min(Instant::now() + WELCOME);
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

    /// Asks the kernel to run code; gives the request's id.
    ///
    /// # Errors
    /// [`SessionError::Client`], or [`SessionError::Died`] when that is the reason.
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

    /// What happens next, until the deadline if there is one. May be dropped while it waits; nothing is lost then.
    ///
    /// # Errors
    /// [`SessionError::Died`] at once when the kernel's process ends, after all that it sent; [`SessionError::Stopped`]
    /// when the user stops the runner.
    pub async fn next(&mut self, deadline: Option<Instant>) -> Result<Next, SessionError> {
        loop {
            // In this order, so that a kernel that never stops sending can be stopped.
            let event = tokio::select! {
                biased;
                () = self.stop.requested(self.patience) => return Err(SessionError::Stopped),
                () = at(deadline) => return Ok(Next::Late),
                event = self.client.next() => event,
                () = self.process.ended() => self.last_event().await,
            };
            match event {
                Event::Output(message) => return Ok(Next::Output(message)),
                Event::Reply(message) => {
                    let told = message.metadata().get("threadbook").cloned();
                    self.timings = told.and_then(|told| serde_json::from_value(told).ok());
                    return Ok(Next::Reply(message));
                }
                // Cells are run with `allow_stdin: false`; a kernel that asks nevertheless reads an empty line.
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

    /// Where the time of the last cell went, if the kernel tells that; told once.
    pub fn take_timings(&mut self) -> Option<Timings> {
        self.timings.take()
    }

    /// What a kernel that has died sent before. A process that it started may keep its connections open, and then
    /// nothing marks the end of what it sent.
    async fn last_event(&mut self) -> Event {
        tokio::time::timeout(LAST_MESSAGES, self.client.next())
            .await
            .unwrap_or(Event::Closed)
    }

    async fn why_closed(&mut self) -> SessionError {
        tokio::select! {
            biased;
            () = self.process.ended() => death(&mut self.process),
            () = self.stop.requested(self.patience) => SessionError::Stopped,
            () = tokio::time::sleep(SHUTDOWN) => SessionError::Lost,
        }
    }

    /// Asks the kernel to interrupt the running cell, in the way its kernelspec says.
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

    /// Goes on after the user has asked to stop, until the user insists.
    pub fn wind_up(&mut self) {
        self.patience = 2;
    }

    /// Asks the kernel to end, and ends it when it takes too long or the user insists.
    pub async fn shutdown(mut self) {
        // If the message cannot be sent, there is nobody to wait for.
        if self
            .client
            .control(ShutdownRequest { restart: false })
            .await
            .is_ok()
        {
            tokio::select! {
                () = self.process.ended() => (),
                () = tokio::time::sleep(SHUTDOWN) => (),
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
