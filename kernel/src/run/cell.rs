//! Runs one cell.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::outputs::{self, CellError, Outputs};
use super::session::{Next, Session};
use super::session_error::SessionError;
use crate::jupyter::wire::RawMessage;
use crate::notebook::Document;

/// How long an interrupted kernel may take to reply: ipykernel needs seconds for its first traceback on a busy machine.
const INTERRUPT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long after the reply the last outputs may take, up to the `idle` status that ends them.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// How a cell ended.
#[derive(Debug)]
pub enum CellEnd {
    /// Without an error.
    Ok,
    /// With an error, also stored in its outputs.
    Error(CellError),
    /// It took too long, and no cell can run after it: the notebook's time is up, or the cell cannot be interrupted.
    /// The outputs contain this error.
    Timeout(CellError),
}

/// Runs the cell at this index and stores its outputs in the document.
///
/// # Errors
/// [`SessionError`] when the kernel cannot go on. If the kernel died, the cell's outputs say so too. When the user
/// stops the run, the cell is interrupted first, and its outputs so far are kept.
pub async fn run(
    session: &mut Session,
    outputs: &mut Outputs,
    document: &mut Document,
    index: usize,
    limit: Option<Limit>,
    stop_on_error: bool,
) -> Result<CellEnd, SessionError> {
    let code = document.cells()[index]["source"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    outputs::reset(document, index);
    if code.trim().is_empty() {
        return Ok(CellEnd::Ok);
    }
    let ended = execute(
        session,
        outputs,
        document,
        index,
        &code,
        limit,
        stop_on_error,
    )
    .await;
    if let Err(error @ SessionError::Died { last_words, .. }) = &ended {
        let error = runner_error(
            "DeadKernelError",
            error.to_string(),
            vec![last_words.clone()],
        );
        outputs.add_error(document, index, &error);
    }
    ended
}

async fn execute(
    session: &mut Session,
    outputs: &mut Outputs,
    document: &mut Document,
    index: usize,
    code: &str,
    limit: Option<Limit>,
    stop_on_error: bool,
) -> Result<CellEnd, SessionError> {
    let request = session.execute(code, stop_on_error).await?;
    outputs.begin(document, index, request.clone());
    let mut cell = RunningCell {
        outputs,
        document,
        index,
        request,
        reply: None,
        idle: false,
    };
    match cell.until_done(session, limit.map(|limit| limit.at)).await {
        Ok(true) => Ok(cell.result()),
        // `false` means that the limit was reached, so there is one.
        Ok(false) => cell.time_out(session, limit).await,
        Err(SessionError::Stopped) => Err(cell.stop(session).await),
        Err(error) => Err(error),
    }
}

fn runner_error(ename: &str, evalue: String, mut traceback: Vec<String>) -> CellError {
    traceback.retain(|lines| !lines.is_empty());
    traceback.push(format!("{ename}: {evalue}"));
    CellError {
        ename: ename.to_owned(),
        evalue,
        traceback,
    }
}

/// When to interrupt a cell, and why.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The moment.
    pub at: Instant,
    /// How much time was allowed.
    pub time: Duration,
    /// What the limit applies to.
    pub whose: LimitScope,
}

/// What a limit applies to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LimitScope {
    /// The cell.
    Cell,
    /// The notebook that contains the cell.
    Notebook,
}

impl Limit {
    /// Returns the name and the text of the error for exceeding this limit.
    pub fn exceeded(&self) -> (&'static str, String) {
        let (ename, noun) = match self.whose {
            LimitScope::Cell => ("CellTimeoutError", "cell"),
            LimitScope::Notebook => ("NotebookTimeoutError", "notebook"),
        };
        let seconds = self.time.as_secs_f64();
        (ename, format!("the {noun} took longer than {seconds} s"))
    }
}

struct RunningCell<'a> {
    outputs: &'a mut Outputs,
    document: &'a mut Document,
    index: usize,
    request: String,
    /// The content of the `execute_reply`.
    reply: Option<Value>,
    /// Whether all outputs have arrived: a kernel publishes `idle` after them.
    idle: bool,
}

impl RunningCell<'_> {
    /// Waits until the cell is done and returns `true`, or until the deadline and returns `false`.
    async fn until_done(
        &mut self,
        session: &mut Session,
        mut deadline: Option<Instant>,
    ) -> Result<bool, SessionError> {
        loop {
            match session.next(deadline).await? {
                Next::Output(message) => self.fold(message),
                Next::Reply(message) if message.parent_id() == self.request => {
                    self.reply = Some(Value::Object(message.content));
                }
                Next::Reply(_) => (),
                Next::Late if self.reply.is_some() => {
                    tracing::warn!("the kernel replied but did not become idle");
                    return Ok(true);
                }
                Next::Late => return Ok(false),
            }
            if self.reply.is_some() {
                if self.idle {
                    return Ok(true);
                }
                deadline = Some(Instant::now() + IDLE_TIMEOUT);
            }
        }
    }

    fn fold(&mut self, message: RawMessage) {
        let state = message.content.get("execution_state");
        self.idle |= message.msg_type() == "status"
            && message.parent_id() == self.request
            && state.is_some_and(|state| state == "idle");
        self.outputs.add(self.document, message);
    }

    /// Completes the cell with the count and the error in the reply.
    fn result(&mut self) -> CellEnd {
        let reply = self.reply.take().unwrap_or_default();
        if reply["execution_count"].is_u64() {
            outputs::set_execution_count(
                self.document,
                self.index,
                reply["execution_count"].clone(),
            );
        }
        if reply["status"] != "error" {
            return CellEnd::Ok;
        }
        let error = CellError::of(&reply);
        if !outputs::has_error(self.document, self.index) {
            self.outputs.add_error(self.document, self.index, &error);
        }
        CellEnd::Error(error)
    }

    /// Interrupts the cell and replaces the kernel's error by a timeout error, which keeps the kernel's traceback.
    async fn time_out(
        &mut self,
        session: &mut Session,
        limit: Option<Limit>,
    ) -> Result<CellEnd, SessionError> {
        let (ename, mut evalue) = limit.map_or(("CellTimeoutError", String::new()), |limit| {
            limit.exceeded()
        });
        let answered = match self.interrupt(session).await {
            Ok(answered) => answered,
            // The user stopped the run at this moment: keep the outputs so far.
            Err(SessionError::Stopped) => false,
            Err(error) => return Err(error),
        };
        if !answered {
            evalue.push_str(" and cannot be interrupted");
        }
        self.result();
        let interrupted = outputs::take_last_error(self.document, self.index);
        let traceback = interrupted.map(|error| error.traceback).unwrap_or_default();
        let error = runner_error(ename, evalue, traceback);
        self.outputs.add_error(self.document, self.index, &error);
        let is_over = limit.is_none_or(|limit| limit.whose == LimitScope::Notebook);
        Ok(match answered && !is_over {
            true => CellEnd::Error(error),
            false => CellEnd::Timeout(error),
        })
    }

    /// Interrupts the cell because the user stopped the run; keeps its outputs. Returns why the run is over.
    async fn stop(&mut self, session: &mut Session) -> SessionError {
        session.wind_up();
        match self.interrupt(session).await {
            Err(error @ SessionError::Died { .. }) => return error,
            // The outputs are kept whether or not the kernel replied.
            Ok(_) | Err(_) => self.result(),
        };
        SessionError::Stopped
    }

    /// Interrupts the cell; returns whether it has ended.
    async fn interrupt(&mut self, session: &mut Session) -> Result<bool, SessionError> {
        session.interrupt().await?;
        let deadline = Instant::now() + INTERRUPT_TIMEOUT;
        self.until_done(session, Some(deadline)).await
    }
}
