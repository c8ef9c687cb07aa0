//! The completion process as the kernel sees it: a process that is started when somebody first asks, told
//! what has been executed, and ended when nobody has asked for long.

use super::local_completion::NotebookNames;
use crate::completion::{Completions, Inspection, REPLY_TIMEOUT, Reply, Request, Variable};
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

/// The completion process is ended when nobody has asked for so long, since it takes much memory; in seconds.
const IDLE_VAR: &str = "THREADBOOK_COMPLETION_IDLE";
const IDLE: Duration = Duration::from_secs(15 * 60);

/// It is started no more after so many deaths without an answer.
const MAX_CRASHES: u32 = 3;

/// How long it may take to end when the kernel does.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct CompletionProcess {
    /// The folder in which the engine compiles.
    workspace: PathBuf,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The cells that have ended well, for a completion process that is started later.
    cells: Vec<Arc<str>>,
    variables: Vec<Variable>,
    process: Option<Process>,
    /// Whether there can be none.
    is_impossible: bool,
    /// How often it has died since it last answered.
    deaths: u32,
    questions: u64,
}

/// A running completion process.
struct Process {
    id: u32,
    /// `None` once it is to end.
    requests: Option<mpsc::UnboundedSender<Request>>,
    waiting: HashMap<u64, oneshot::Sender<Reply>>,
    is_warm: watch::Sender<bool>,
    asked: Instant,
    /// Told when it has ended.
    ended: watch::Receiver<()>,
}

impl CompletionProcess {
    /// One that is not started yet.
    pub fn new(folder: &Path) -> CompletionProcess {
        CompletionProcess {
            workspace: folder.join("cells"),
            state: Arc::default(),
        }
    }

    /// Tells of a cell that has ended well, and of all variables after it.
    pub fn executed(&self, code: &str, variables: Vec<Variable>) {
        let mut state = self.state();
        // A cell that runs again counts as the last one.
        state.cells.retain(|other| &**other != code);
        state.cells.push(code.into());
        state.variables = variables.clone();
        state.tell(Request::Executed {
            code: code.to_owned(),
            variables,
        });
    }

    /// Tells that all items and variables are gone.
    pub fn forget(&self) {
        let mut state = self.state();
        state.cells.clear();
        state.variables.clear();
        state.tell(Request::Forget);
    }

    /// What could stand at a byte offset of a cell; `None` when there is no answer in time.
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

    /// What is known of the name at one of these offsets; `None` when nothing is, or there is no
    /// answer in time. `warming` is how long to wait for a completion process that has just been started.
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

    /// What can be told without asking.
    pub fn with_known<T>(&self, tell: impl FnOnce(&NotebookNames<'_>) -> T) -> T {
        let state = self.state();
        tell(&NotebookNames {
            variables: &state.variables,
            cells: &state.cells,
        })
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.state().process.as_ref().map(|process| process.id)
    }

    /// Ends it.
    pub async fn stop(&self) {
        let ended = self.state().process.as_mut().map(|process| {
            // The end of its requests ends it.
            process.requests = None;
            process.ended.clone()
        });
        if let Some(mut ended) = ended {
            let _ = tokio::time::timeout(EXIT_TIMEOUT, ended.changed()).await;
        }
    }

    /// Asks, once it is warm; starts it if need be.
    async fn ask(&self, make: impl FnOnce(u64) -> Request, warming: Duration) -> Option<Reply> {
        let mut is_warm = self.started()?;
        tokio::time::timeout(warming, is_warm.wait_for(|warm| *warm))
            .await
            .is_ok_and(|warm| warm.is_ok())
            .then_some(())?;
        let answer = self.state().send(make)?;
        tokio::time::timeout(REPLY_TIMEOUT, answer).await.ok()?.ok()
    }

    /// Starts it unless it runs; tells whether it is warm. `None` when it cannot be started.
    fn started(&self) -> Option<watch::Receiver<bool>> {
        let mut state = self.state();
        if state.is_impossible {
            return None;
        }
        if state.process.is_none()
            && let Err(error) = self.start(&mut state)
        {
            tracing::warn!("no completion from the completion process: {error:#}");
            state.is_impossible = true;
        }
        let process = state.process.as_mut()?;
        process.asked = Instant::now();
        Some(process.is_warm.subscribe())
    }

    fn start(&self, state: &mut State) -> Result<()> {
        let program = std::env::current_exe().context("cannot find this program's file")?;
        let mut child = Command::new(program)
            .arg("completion")
            .arg(&self.workspace)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the completion")?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            anyhow::bail!("the completion process has no pipes");
        };
        let (requests, inbox) = mpsc::unbounded_channel();
        let (end, ended) = watch::channel(());
        let id = child
            .id()
            .context("the completion process has ended at once")?;
        state.process = Some(Process {
            id,
            requests: Some(requests),
            waiting: HashMap::new(),
            is_warm: watch::Sender::new(false),
            asked: Instant::now(),
            ended,
        });
        let last = state.cells.len().saturating_sub(1);
        for (index, code) in state.cells.clone().iter().enumerate() {
            let variables = match index == last {
                true => state.variables.clone(),
                false => Vec::new(),
            };
            state.tell(Request::Executed {
                code: code.to_string(),
                variables,
            });
        }
        tokio::spawn(write(stdin, inbox));
        tokio::spawn(self.clone().read(child, stdout, id, end));
        Ok(())
    }

    /// Takes its answers until it ends.
    async fn read(
        self,
        mut child: Child,
        mut stdout: ChildStdout,
        id: u32,
        end: watch::Sender<()>,
    ) {
        loop {
            // A frame that is half read must not be given up.
            let mut frame = pin!(receive_frame::<Reply>(&mut stdout));
            let reply = loop {
                tokio::select! {
                    reply = &mut frame => break reply,
                    () = tokio::time::sleep(idle()) => self.state().end_if_idle(id),
                }
            };
            match reply {
                Ok(Some(reply)) => self.state().take(id, reply),
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!("the completion process says something wrong: {error}");
                    break;
                }
            }
        }
        // As long as it is in the state nobody else waits for this process.
        let _ = child.kill().await;
        self.state().bury(id);
        let _ = end.send(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl State {
    fn tell(&mut self, request: Request) {
        let process = self.process.as_ref();
        if let Some(requests) = process.and_then(|process| process.requests.as_ref()) {
            // One that is started later is told then.
            let _ = requests.send(request);
        }
    }

    fn send(&mut self, make: impl FnOnce(u64) -> Request) -> Option<oneshot::Receiver<Reply>> {
        self.questions += 1;
        let process = self.process.as_mut()?;
        let (sender, answer) = oneshot::channel();
        process.waiting.retain(|_, waiting| !waiting.is_closed());
        process.waiting.insert(self.questions, sender);
        process.requests.as_ref()?.send(make(self.questions)).ok()?;
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
            // The completion process has said what helps in the log.
            Reply::NoSource => self.is_impossible = true,
            Reply::Completed { id, .. } | Reply::Inspected { id, .. } => {
                self.deaths = 0;
                if let Some(waiting) = process.waiting.remove(id) {
                    let _ = waiting.send(reply);
                }
            }
        }
    }

    fn bury(&mut self, id: u32) {
        let ended = self.process.take_if(|process| process.id == id);
        // One that was told to end has no requests.
        if ended.is_some_and(|process| process.requests.is_some()) && !self.is_impossible {
            self.deaths += 1;
            self.is_impossible = self.deaths == MAX_CRASHES;
            tracing::warn!(
                "the completion process has ended unexpectedly, {} times in a row",
                self.deaths
            );
        }
    }

    fn end_if_idle(&mut self, id: u32) {
        let process = self.process.as_mut();
        if let Some(process) = process.filter(|process| process.id == id)
            && process.asked.elapsed() >= idle()
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

/// Passes on requests; the end of the channel ends the process.
async fn write(mut stdin: ChildStdin, mut requests: mpsc::UnboundedReceiver<Request>) {
    while let Some(request) = requests.recv().await {
        if send_frame(&mut stdin, &request).await.is_err() {
            return;
        }
    }
}
