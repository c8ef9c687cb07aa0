//! The engine as the kernel sees it: a process to start, query, interrupt and stop.

use super::completion_process::CompletionProcess;
use super::connections::{Connections, ask};
use super::process_exit::wait_for_exit;
use super::shared::EngineLink;
use crate::completion::Variable;
use crate::ipc::{
    CellError, EngineReply, EngineRequest, Executed, Place, Position, SOCKET_VAR, Site, Stream,
    Timings, Trace,
};
use anyhow::{Context, Result};
use futures::FutureExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard};
use std::time::Duration;
use tokio::net::unix::OwnedWriteHalf;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Mutex, Notify, oneshot};

/// The name of the error that reports that the engine has ended.
pub const ENGINE_ENDED: &str = "EngineEnded";

/// How long the engine may take to exit by itself.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Lock order: `replies` before `requests`, never the other way round. `process` is held for moments
/// only, and no other lock is taken under it.
pub struct Engine {
    folder: PathBuf,
    connections: Connections,
    completion: CompletionProcess,
    /// All variables after the last successful cell. Locked for moments only.
    variables: StdMutex<Vec<Variable>>,
    /// The timings of the last cell. Locked for moments only.
    timings: StdMutex<Option<Timings>>,
    process: StdMutex<Option<Child>>,
    requests: Mutex<Option<OwnedWriteHalf>>,
    replies: Mutex<Replies>,
    /// Notified of every interrupt, for a cell that the engine has not received yet.
    interrupted_early: Notify,
}

enum Replies {
    /// The engine has been started but has not connected yet.
    Awaited(oneshot::Receiver<EngineLink>),
    /// It has connected but cannot take cells yet.
    Starting(EngineLink),
    /// It takes cells, but `Engine::requests` does not have its half of the connection yet.
    Ready(EngineLink),
    Connected(UnboundedReceiver<EngineReply>),
    /// The engine has ended.
    Gone,
}

impl Engine {
    /// Starts an engine that compiles in `folder`.
    pub fn start(
        folder: &Path,
        connections: Connections,
        completion: CompletionProcess,
    ) -> Result<Engine> {
        let awaited = connections.expect_engine();
        let process = spawn(folder, &connections)?;
        Ok(Engine {
            folder: folder.to_owned(),
            connections,
            completion,
            variables: StdMutex::default(),
            timings: StdMutex::default(),
            process: StdMutex::new(Some(process)),
            requests: Mutex::new(None),
            replies: Mutex::new(Replies::Awaited(awaited)),
            interrupted_early: Notify::new(),
        })
    }

    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    pub fn completion(&self) -> &CompletionProcess {
        &self.completion
    }

    /// Returns all variables after the last successful cell.
    pub fn variables(&self) -> Vec<Variable> {
        self.locked_variables().clone()
    }

    /// Takes the timings of the last cell; a second call returns `None`.
    pub fn take_timings(&self) -> Option<Timings> {
        self.locked_timings().take()
    }

    /// Discards interrupts that came before this request.
    pub fn begin_request(&self) {
        let _ = self.interrupted_early.notified().now_or_never();
    }

    /// Executes a cell. Starts a new engine if the last one has ended.
    pub async fn execute(&self, code: &str) -> Executed {
        let mut replies = self.replies.lock().await;
        tokio::select! {
            biased;
            () = self.interrupted_early.notified() => return Executed::Interrupted,
            connected = self.connect(&mut replies) => if let Err(error) = connected {
                return Executed::Err(CellError::new("EngineError", format!("{error:#}")));
            },
        }
        let request = EngineRequest::Execute {
            code: code.to_owned(),
        };
        match self.ask(&mut replies, &request).await {
            Some(EngineReply::Executed(executed)) => executed,
            _ => {
                *replies = Replies::Gone;
                Executed::Err(CellError::new(
                    ENGINE_ENDED,
                    "the process that compiles cells has ended, and all variables are lost; restart \
                     the kernel and run the cells from the top (the next cell starts a new process)",
                ))
            }
        }
    }

    /// Returns the line of a cell that a line of a compiled source came from.
    pub async fn locate(&self, position: Position) -> Option<Place> {
        let mut replies = self.replies.lock().await;
        let request = EngineRequest::Locate(position);
        match self.ask(&mut replies, &request).await? {
            EngineReply::Located(place) => place,
            _ => None,
        }
    }

    /// Traces places back to the lines of cells.
    pub async fn trace(&self, sites: Vec<Site>) -> Vec<Trace> {
        let mut replies = self.replies.lock().await;
        match self.ask(&mut replies, &EngineRequest::Trace(sites)).await {
            Some(EngineReply::Traced(traces)) => traces,
            _ => Vec::new(),
        }
    }

    /// Interrupts the current cell, if there is one.
    pub async fn interrupt(&self) {
        self.connections.ask_waiting().await;
        let request = EngineRequest::Interrupt {
            group: self.connections.runtime_group(),
        };
        if let Some(requests) = self.requests.lock().await.as_mut()
            && let Err(error) = ask(requests, &request).await
        {
            tracing::warn!("cannot interrupt the engine: {error}");
        }
        // The engine ignores the request if it has not received the cell yet.
        self.interrupted_early.notify_one();
    }

    /// Stops the engine, its compilers, the runtime and all processes that the cells started.
    pub async fn stop(&self) {
        // `replies` holds the whole connection of an engine that has not received a cell yet. While a cell runs, the lock is held.
        if let Ok(mut replies) = self.replies.try_lock() {
            *replies = Replies::Gone;
        }
        // When its requests end, the engine stops the other processes and then exits.
        *self.requests.lock().await = None;
        let process = self
            .process
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .take();
        let Some(mut process) = process else { return };
        if tokio::time::timeout(EXIT_TIMEOUT, process.wait())
            .await
            .is_err()
        {
            tracing::warn!("the engine did not exit within {EXIT_TIMEOUT:?}; killing it");
            if let Some(group) = process.id() {
                kill_group(group);
            }
            let _ = process.wait().await;
        }
        if let Some(group) = self.connections.runtime_group() {
            kill_group(group);
        }
    }

    /// Returns the engine's process id, until it is reaped.
    pub fn id(&self) -> Option<u32> {
        let process = self
            .process
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        process.as_ref().and_then(Child::id)
    }

    fn locked_timings(&self) -> MutexGuard<'_, Option<Timings>> {
        self.timings
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn locked_variables(&self) -> MutexGuard<'_, Vec<Variable>> {
        self.variables
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Waits until the engine takes cells; starts a new one if the last one has ended. Cancel-safe: the next
    /// call continues where this one stopped.
    async fn connect(&self, replies: &mut Replies) -> Result<()> {
        if let Replies::Gone = replies {
            self.stop().await;
            self.completion.forget();
            let awaited = self.connections.expect_engine();
            let process = spawn(&self.folder, &self.connections)?;
            *self
                .process
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(process);
            *replies = Replies::Awaited(awaited);
        }
        if let Replies::Awaited(awaited) = replies {
            let id = self.id();
            let ends = async {
                match id {
                    Some(id) => wait_for_exit(id).await,
                    None => std::future::pending().await,
                }
            };
            let link = tokio::select! {
                biased;
                link = awaited => link.ok(),
                // The engine ended before it could connect and report why.
                () = ends => None,
            };
            *replies = link.map_or(Replies::Gone, Replies::Starting);
        }
        if let Replies::Starting(link) = replies {
            let first = link.replies.recv().await;
            let Replies::Starting(link) = std::mem::replace(replies, Replies::Gone) else {
                return Ok(());
            };
            match first {
                Some(EngineReply::Ready) => *replies = Replies::Ready(link),
                Some(EngineReply::Broken(why)) => anyhow::bail!(why),
                _ => anyhow::bail!("the process that compiles cells exited immediately"),
            }
        }
        if let Replies::Ready(_) = replies {
            let mut requests = self.requests.lock().await;
            if let Replies::Ready(link) = std::mem::replace(replies, Replies::Gone) {
                *requests = Some(link.requests);
                *replies = Replies::Connected(link.replies);
                self.connections.engine_begins();
            }
        }
        match replies {
            Replies::Connected(_) => Ok(()),
            _ => anyhow::bail!("the process that compiles cells did not start"),
        }
    }

    /// Sends a request, handles the messages that precede the answer, and returns the answer, or `None`
    /// when the engine has ended.
    async fn ask(&self, replies: &mut Replies, request: &EngineRequest) -> Option<EngineReply> {
        let Replies::Connected(replies) = replies else {
            return None;
        };
        // Release the lock before awaiting the answer, so that interrupts get through.
        if let Some(requests) = self.requests.lock().await.as_mut() {
            ask(requests, request).await.ok()?;
        }
        loop {
            match replies.recv().await? {
                EngineReply::Progress(text) => self.connections.show(Stream::Stderr, text),
                EngineReply::ProgressEnded => self.connections.clear(),
                EngineReply::Note(text) => self.connections.show(Stream::Stderr, text),
                EngineReply::Timings(timings) => *self.locked_timings() = Some(timings),
                EngineReply::Variables(all) => {
                    let variables = all
                        .into_iter()
                        .map(|(name, written)| Variable { name, written });
                    *self.locked_variables() = variables.collect();
                }
                reply => return Some(reply),
            }
        }
    }
}

fn spawn(folder: &Path, connections: &Connections) -> Result<Child> {
    let program = std::env::current_exe().context("cannot find this program's file")?;
    Command::new(program)
        .arg("engine")
        .env(SOCKET_VAR, connections.path())
        .env("EVCXR_TMPDIR", folder.join("cells"))
        // Ignore the user's evcxr settings: a notebook must behave the same for everyone.
        .env("EVCXR_CONFIG_DIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the engine")
}

fn kill_group(leader: u32) {
    // SAFETY: kill(2) has no memory effects. A child of ours leads the group, or led it: its id is
    // not reused while any process is left in the group, and killing an empty group is harmless.
    unsafe { libc::kill(-(leader as libc::pid_t), libc::SIGKILL) };
}

/// Shared by the sockets and the executor.
pub type SharedEngine = Arc<Engine>;
