//! Manages the completion process: starts it at the first request, informs it of executed cells, and
//! stops it when it has been idle for long.

use super::local_completion::NotebookNames;
use crate::completion::{Completions, Inspection, Mode, REPLY_TIMEOUT, Reply, Request, Variable};
use crate::ipc::{receive_frame, send_frame};
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

/// The environment variable for the idle time, in seconds, after which the completion process stops to free its memory.
const IDLE_VAR: &str = "THREADBOOK_COMPLETION_IDLE";
const IDLE: Duration = Duration::from_secs(15 * 60);

/// After this many crashes without an answer it is not started again.
const MAX_CRASHES: u32 = 3;

/// How long it may take to end when the kernel exits.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct CompletionProcess {
    /// The directory in which the engine compiles.
    workspace: PathBuf,
    mode: Mode,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The successful cells, for a completion process that starts later.
    cells: Vec<Arc<str>>,
    variables: Vec<Variable>,
    process: Option<Process>,
    /// Whether it is not started any more, because it cannot run here or crashed too often.
    is_unavailable: bool,
    /// How often it has crashed since it last answered.
    crashes: u32,
    last_request_id: u64,
}

/// A running completion process.
struct Process {
    id: u32,
    /// `None` once it has been told to stop.
    requests: Option<mpsc::UnboundedSender<Request>>,
    waiting: HashMap<u64, oneshot::Sender<Reply>>,
    is_warm: watch::Sender<bool>,
    last_request: Instant,
    /// Notified when it has ended.
    ended: watch::Receiver<()>,
}

impl CompletionProcess {
    /// Creates one that is not started yet. `mode` says what it may read, or that it is never started.
    pub fn new(folder: &Path, mode: Mode) -> CompletionProcess {
        CompletionProcess {
            workspace: folder.join("cells"),
            mode,
            state: Arc::default(),
        }
    }

    /// Informs it of a successful cell, and of all variables after that cell.
    pub fn executed(&self, code: &str, variables: Vec<Variable>) {
        let mut state = self.state();
        // A cell that runs again moves to the end.
        state.cells.retain(|other| &**other != code);
        state.cells.push(code.into());
        state.variables = variables.clone();
        state.inform(Request::Executed {
            code: code.to_owned(),
            variables,
        });
    }

    /// Informs it that all items and variables are gone.
    pub fn forget(&self) {
        let mut state = self.state();
        state.cells.clear();
        state.variables.clear();
        state.inform(Request::Forget);
    }

    /// Returns the completions at a byte offset of a cell, or `None` when there is no answer in time.
    pub async fn complete(&self, code: &str, offset: usize) -> Option<Completions> {
        let make = |id| Request::Complete {
            id,
            code: code.to_owned(),
            offset,
        };
        match self.ask(make, Duration::ZERO).await? {
            Reply::Completed { completions, .. } => Some(completions),
            _ => None,
        }
    }

    /// Returns what is known about the name at one of the offsets, or `None` when nothing is, or when there is no
    /// answer in time. `warming` is how long to wait for a completion process that has just started.
    pub async fn inspect(
        &self,
        code: &str,
        offsets: &[usize],
        with_source: bool,
        warming: Duration,
    ) -> Option<Inspection> {
        let make = |id| Request::Inspect {
            id,
            code: code.to_owned(),
            offsets: offsets.to_owned(),
            with_source,
        };
        match self.ask(make, warming).await? {
            Reply::Inspected { found, .. } => found,
            _ => None,
        }
    }

    /// Calls `f` with what the kernel itself knows of the notebook.
    pub fn with_notebook_names<T>(&self, f: impl FnOnce(&NotebookNames<'_>) -> T) -> T {
        let state = self.state();
        f(&NotebookNames {
            variables: &state.variables,
            cells: &state.cells,
        })
    }

    /// Returns its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.state().process.as_ref().map(|process| process.id)
    }

    /// Stops it.
    pub async fn stop(&self) {
        let ended = self.state().process.as_mut().map(|process| {
            // It exits when its requests end.
            process.requests = None;
            process.ended.clone()
        });
        if let Some(mut ended) = ended {
            let _ = tokio::time::timeout(EXIT_TIMEOUT, ended.changed()).await;
        }
    }

    /// Sends a request once it is warm, and waits for the answer; starts it if need be.
    async fn ask(&self, make: impl FnOnce(u64) -> Request, warming: Duration) -> Option<Reply> {
        let mut is_warm = self.started()?;
        tokio::time::timeout(warming, is_warm.wait_for(|warm| *warm))
            .await
            .is_ok_and(|warm| warm.is_ok())
            .then_some(())?;
        let answer = self.state().send(make)?;
        tokio::time::timeout(REPLY_TIMEOUT, answer).await.ok()?.ok()
    }

    /// Starts it unless it runs. Returns a channel that says whether it is warm, or `None` when it cannot be started.
    fn started(&self) -> Option<watch::Receiver<bool>> {
        let mut state = self.state();
        if state.is_unavailable || self.mode == Mode::Off {
            return None;
        }
        if state.process.is_none()
            && let Err(error) = self.start(&mut state)
        {
            tracing::warn!("completion without a compiler only: {error:#}");
            state.is_unavailable = true;
        }
        let process = state.process.as_mut()?;
        process.last_request = Instant::now();
        Some(process.is_warm.subscribe())
    }

    fn start(&self, state: &mut State) -> Result<()> {
        let program = std::env::current_exe().context("cannot find this program's file")?;
        let mut child = Command::new(program)
            .arg("completion")
            .arg(&self.workspace)
            .args((self.mode == Mode::Light).then_some("--light"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the completion process")?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            anyhow::bail!("the completion process has no pipes");
        };
        let (requests, inbox) = mpsc::unbounded_channel();
        let (end, ended) = watch::channel(());
        let id = child
            .id()
            .context("the completion process exited immediately")?;
        state.process = Some(Process {
            id,
            requests: Some(requests),
            waiting: HashMap::new(),
            is_warm: watch::Sender::new(false),
            last_request: Instant::now(),
            ended,
        });
        let last = state.cells.len().saturating_sub(1);
        for (index, code) in state.cells.clone().iter().enumerate() {
            let variables = match index == last {
                true => state.variables.clone(),
                false => Vec::new(),
            };
            state.inform(Request::Executed {
                code: code.to_string(),
                variables,
            });
        }
        tokio::spawn(write(stdin, inbox));
        tokio::spawn(self.clone().read(child, stdout, id, end));
        Ok(())
    }

    /// Reads its answers until it ends.
    async fn read(
        self,
        mut child: Child,
        mut stdout: ChildStdout,
        id: u32,
        end: watch::Sender<()>,
    ) {
        loop {
            // Keep the future: cancelling it halfway would lose the frame.
            let mut frame = pin!(receive_frame::<Reply>(&mut stdout));
            let reply = loop {
                tokio::select! {
                    reply = &mut frame => break reply,
                    () = tokio::time::sleep(idle()) => self.state().stop_if_idle(id),
                }
            };
            match reply {
                Ok(Some(reply)) => self.state().take(id, reply),
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!("invalid answer from the completion process: {error}");
                    break;
                }
            }
        }
        // As long as the process is in the state, nobody else reaps it.
        let _ = child.kill().await;
        self.state().remove(id);
        let _ = end.send(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl State {
    fn inform(&mut self, request: Request) {
        let process = self.process.as_ref();
        if let Some(requests) = process.and_then(|process| process.requests.as_ref()) {
            // A process that starts later is informed then.
            let _ = requests.send(request);
        }
    }

    fn send(&mut self, make: impl FnOnce(u64) -> Request) -> Option<oneshot::Receiver<Reply>> {
        self.last_request_id += 1;
        let process = self.process.as_mut()?;
        let (sender, answer) = oneshot::channel();
        process.waiting.retain(|_, waiting| !waiting.is_closed());
        process.waiting.insert(self.last_request_id, sender);
        process
            .requests
            .as_ref()?
            .send(make(self.last_request_id))
            .ok()?;
        Some(answer)
    }

    fn take(&mut self, id: u32, reply: Reply) {
        let Some(process) = self.process.as_mut().filter(|process| process.id == id) else {
            return;
        };
        match &reply {
            Reply::Warm => {
                process.is_warm.send_replace(true);
            }
            Reply::Unavailable => self.is_unavailable = true,
            Reply::Completed { id, .. } | Reply::Inspected { id, .. } => {
                self.crashes = 0;
                if let Some(waiting) = process.waiting.remove(id) {
                    let _ = waiting.send(reply);
                }
            }
        }
    }

    fn remove(&mut self, id: u32) {
        let ended = self.process.take_if(|process| process.id == id);
        // A process that was told to stop has no requests.
        if ended.is_some_and(|process| process.requests.is_some()) && !self.is_unavailable {
            self.crashes += 1;
            self.is_unavailable = self.crashes == MAX_CRASHES;
            tracing::warn!(
                "the completion process ended unexpectedly ({} of at most {MAX_CRASHES} times in a row)",
                self.crashes
            );
        }
    }

    fn stop_if_idle(&mut self, id: u32) {
        let process = self.process.as_mut();
        if let Some(process) = process.filter(|process| process.id == id)
            && process.last_request.elapsed() >= idle()
        {
            process.requests = None;
        }
    }
}

fn idle() -> Duration {
    let seconds = std::env::var(IDLE_VAR)
        .ok()
        .and_then(|text| text.parse().ok());
    seconds.map_or(IDLE, Duration::from_secs)
}

/// Forwards requests. When the channel ends, closes stdin, which ends the process.
async fn write(mut stdin: ChildStdin, mut requests: mpsc::UnboundedReceiver<Request>) {
    while let Some(request) = requests.recv().await {
        if send_frame(&mut stdin, &request).await.is_err() {
            return;
        }
    }
}
