//! One cell, run.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::outputs::{self, CellError, Outputs};
use super::session::{Next, Session, SessionError};
use crate::jupyter::wire::RawMessage;
use crate::notebook::Document;

/// How long a kernel may take to answer after it was interrupted.
const INTERRUPTED: Duration = Duration::from_secs(5);
/// How long after the reply the last outputs may take, and the state `idle` that ends them.
const IDLE: Duration = Duration::from_secs(4);

/// How a cell ended.
#[derive(Debug)]
pub enum CellEnd {
    /// Without an error.
    Ok,
    /// With an error, which is in its outputs.
    Error(CellError),
    /// It took too long and was interrupted; that is the error in its outputs.
    Timeout(CellError),
}

/// Runs the cell at this index and folds what it outputs into the document.
///
/// # Errors
/// [`SessionError`], when the kernel cannot go on. A kernel that died is an error in the outputs of the cell.
pub async fn run(
    session: &mut Session,
    outputs: &mut Outputs,
    document: &mut Document,
    index: usize,
    limits: &Limits,
) -> Result<CellEnd, SessionError> {
    let code = document.cells()[index]["source"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    outputs::reset(document, index);
    if code.trim().is_empty() {
        return Ok(CellEnd::Ok);
    }
    let request = session.execute(&code, !limits.allow_errors).await?;
    outputs.begin(document, index, request.clone());
    let mut cell = RunningCell {
        outputs,
        document,
        index,
        request,
        reply: None,
        idle: false,
    };

    let ended = match cell.until_done(session, limits.timeout).await {
        Ok(true) => cell.result(),
        Ok(false) => {
            cell.time_out(session, limits.timeout.unwrap_or_default())
                .await
        }
        Err(error) => Err(error),
    };
    if let Err(error @ SessionError::Died { last_words, .. }) = &ended {
        let error = runners_error(
            "DeadKernelError",
            error.to_string(),
            vec![last_words.clone()],
        );
        cell.outputs.add_error(cell.document, index, &error);
    }
    ended
}

fn runners_error(ename: &str, evalue: String, mut traceback: Vec<String>) -> CellError {
    traceback.retain(|lines| !lines.is_empty());
    traceback.push(format!("{ename}: {evalue}"));
    CellError {
        ename: ename.to_owned(),
        evalue,
        traceback,
    }
}

/// What a cell may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// Whether the kernel goes on with requests that wait when the cell fails.
    pub allow_errors: bool,
}

struct RunningCell<'a> {
    outputs: &'a mut Outputs,
    document: &'a mut Document,
    index: usize,
    request: String,
    /// The content of the `execute_reply`.
    reply: Option<Value>,
    /// Whether all outputs are there: a kernel publishes `idle` after them.
    idle: bool,
}

impl RunningCell<'_> {
    /// Returns when the cell is done, with `true`, or has taken this long, with `false`.
    async fn until_done(
        &mut self,
        session: &mut Session,
        limit: Option<Duration>,
    ) -> Result<bool, SessionError> {
        let mut deadline = limit.map(|limit| Instant::now() + limit);
        loop {
            match session.next(deadline).await? {
                Next::Output(message) => self.fold(message),
                Next::Reply(message) if message.parent_id() == self.request => {
                    self.reply = Some(Value::Object(message.content));
                }
                Next::Reply(_) => (),
                Next::Late if self.reply.is_some() => {
                    tracing::warn!("the kernel has replied, but did not become idle");
                    return Ok(true);
                }
                Next::Late => return Ok(false),
            }
            if self.reply.is_some() {
                if self.idle {
                    return Ok(true);
                }
                deadline = Some(Instant::now() + IDLE);
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

    fn result(&mut self) -> Result<CellEnd, SessionError> {
        let reply = self.reply.take().unwrap_or_default();
        if reply["execution_count"].is_u64() {
            outputs::set_execution_count(
                self.document,
                self.index,
                reply["execution_count"].clone(),
            );
        }
        if reply["status"] != "error" {
            return Ok(CellEnd::Ok);
        }
        let error = CellError::of(&reply);
        if !outputs::has_error(self.document, self.index) {
            self.outputs.add_error(self.document, self.index, &error);
        }
        Ok(CellEnd::Error(error))
    }

    /// Interrupts the cell. Its error is then that it took too long; the kernel's own says where it was.
    async fn time_out(
        &mut self,
        session: &mut Session,
        limit: Duration,
    ) -> Result<CellEnd, SessionError> {
        session.interrupt().await?;
        let answered = self.until_done(session, Some(INTERRUPTED)).await?;
        let mut evalue = format!("the cell took longer than {} s", limit.as_secs_f64());
        if !answered {
            evalue.push_str(" and cannot be interrupted");
        }
        self.result()?;
        let interrupted = outputs::take_last_error(self.document, self.index);
        let traceback = interrupted.map(|error| error.traceback).unwrap_or_default();
        let error = runners_error("CellTimeoutError", evalue, traceback);
        self.outputs.add_error(self.document, self.index, &error);
        Ok(CellEnd::Timeout(error))
    }
}
