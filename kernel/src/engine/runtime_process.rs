//! The engine's side of the runtime: a child process that loads and runs the cells' libraries.

use super::contents::Contents;
use super::interrupt::Activity;
use crate::ipc::{CellEnd, RunCell};
use crate::runtime::RUNTIME_VAR;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

pub struct RuntimeProcess {
    /// Shared with the thread that handles interrupts.
    process: Arc<Mutex<Child>>,
    instructions: ChildStdin,
    replies: BufReader<ChildStdout>,
}

/// How a run of a cell's library ended, and its result.
pub struct FinishedRun {
    pub end: CellEnd,
    pub contents: Contents,
}

impl RuntimeProcess {
    /// Starts a runtime; `variables` are added to its environment.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(activity: &Activity, variables: &[(String, OsString)]) -> Result<RuntimeProcess> {
        let mut process = Command::new(std::env::current_exe()?)
            .env(RUNTIME_VAR, "1")
            .env("RUST_BACKTRACE", "1")
            // Set for the engine alone.
            .env_remove("RUST_SRC_PATH")
            .envs(variables.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the process that runs cells")?;
        let instructions = process
            .stdin
            .take()
            .context("the process that runs cells has no stdin")?;
        let replies = process
            .stdout
            .take()
            .context("the process that runs cells has no stdout")?;
        if let Some(stderr) = process.stderr.take() {
            log(stderr);
        }
        let process = Arc::new(Mutex::new(process));
        activity.set_runtime(process.clone());
        Ok(RuntimeProcess {
            process,
            instructions,
            replies: BufReader::new(replies),
        })
    }

    /// Runs a cell. Returns `None` if the process has ended and no fork has taken its place.
    pub fn run(&mut self, cell: &RunCell) -> Option<FinishedRun> {
        let instruction = serde_json::to_string(cell).ok()?;
        writeln!(self.instructions, "{instruction}").ok()?;
        let mut contents = Contents::default();
        loop {
            let line = self.line()?;
            if let Some(mime) = line.strip_prefix("EVCXR_BEGIN_CONTENT ") {
                contents.put(mime, self.content()?);
            } else if let Ok(end) = serde_json::from_str::<CellEnd>(&line) {
                return Some(FinishedRun { end, contents });
            }
        }
    }

    /// Waits for the process to exit and returns its status.
    pub fn wait(&mut self) -> Option<ExitStatus> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.wait().ok()
    }

    /// Kills and reaps the process. A fork that has taken its place exits when the pipe of instructions closes.
    pub fn end(self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(None) = process.try_wait() {
            // It may have exited since.
            let _ = process.kill();
        }
        let _ = process.wait();
    }

    /// Reads the lines up to the end of a content; see `evcxr_display` in evcxr's README.
    fn content(&mut self) -> Option<String> {
        let mut content: Vec<String> = Vec::new();
        loop {
            let line = self.line()?;
            if line == "EVCXR_END_CONTENT" {
                return Some(content.join("\n"));
            }
            content.push(line);
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let length = self.replies.read_until(b'\n', &mut line).ok()?;
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        (length > 0).then(|| String::from_utf8_lossy(line).into_owned())
    }
}

/// Logs the runtime's stderr. Cells write to the kernel, so this is the runtime's own output.
fn log(stderr: ChildStderr) {
    let lines = BufReader::new(stderr).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(std::io::Result::ok) {
            tracing::warn!("{line}");
        }
    });
}
