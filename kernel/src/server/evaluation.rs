//! Executes code on behalf of a request, and combines what the engine and the runtime report.

use super::engine::{ENGINE_ENDED, Engine};
use super::exploration;
use super::rich;
use super::snippet;
use super::timeline;
use super::waits;
use crate::ipc::{CellError, Content, Executed, Failure};
use crate::runtime::limits;
use jupyter_protocol::JupyterMessage;
use jupyter_protocol::media::Media;
use std::sync::Arc;

/// Pairs of MIME type and content.
pub type Data = Vec<(String, String)>;

/// Executes code whose output belongs to `request`.
pub async fn evaluate(
    engine: &Engine,
    request: &Arc<JupyterMessage>,
    code: &str,
    silent: bool,
) -> Result<Data, CellError> {
    if code.trim().is_empty() {
        return Ok(Vec::new());
    }
    limits::check().map_err(|error| CellError::new("LimitError", format!("{error:#}")))?;
    engine.connections().begin(request.clone(), silent);
    let executed = engine.execute(code).await;
    let failure = engine.connections().finish().await;
    if let Some(watched) = engine.connections().take_watched()
        && !silent
        && let Some(picture) = timeline::draw(engine, watched, code).await
    {
        engine.connections().display_timeline(picture);
    }
    if let Some(explored) = engine.connections().take_explored()
        && !silent
    {
        let traces = engine.trace(explored.sites.clone()).await;
        let picture = exploration::draw(&explored, &traces, code);
        engine
            .connections()
            .display_explored(picture.media, picture.summary);
    }
    match (executed, failure) {
        (Executed::Interrupted, _) => Err(interrupted(engine).await),
        // When the engine ends, its runtime does too; that is not the cell's fault.
        (Executed::Err(error), _) if error.ename == ENGINE_ENDED => Err(error),
        // The failure of the cell's own code says more than evcxr's error.
        (_, Some(failure)) => Err(explain(engine, failure).await),
        (Executed::Err(error), None) => Err(error),
        (Executed::Ok(data), None) => Ok(data),
    }
}

/// Returns the error of an interrupted cell, which tells what its threads waited for.
async fn interrupted(engine: &Engine) -> CellError {
    let mut error = CellError::new(
        "Interrupted",
        "the cell was interrupted; your variables are as they were before it",
    );
    let waiting = engine.connections().take_waiting();
    error.traceback.extend(waits::table(engine, waiting).await);
    error
}

/// Returns the error of code that did not finish, with the cell's line if it is known.
async fn explain(engine: &Engine, failure: Failure) -> CellError {
    let Failure {
        ename,
        message,
        position,
        waiting,
    } = failure;
    if !waiting.is_empty() {
        return waits::deadlock(engine, waiting).await;
    }
    let mut error = CellError::new(&ename, message);
    let Some(position) = position else {
        return error;
    };
    if let Some(place) = engine.locate(position).await {
        error.traceback.push(snippet::heading(&place));
        error.traceback.push(snippet::source_line(&place));
    }
    error
}

/// Converts data to the form of Jupyter's messages.
pub fn media(data: Data) -> Media {
    rich::bundle(data.into_iter().map(|(mime, text)| {
        let content = match mime.as_str() {
            "application/json" => Content::Json(text),
            _ => Content::Text(text),
        };
        (mime, content)
    }))
}
