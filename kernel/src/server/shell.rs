//! Answers requests on the shell socket: queues cells, spawns a task for each slow request, and
//! answers all others at once.

use super::engine::SharedEngine;
use super::executor::Executor;
use super::info::Info;
use super::iopub::IoPub;
use super::router::Router;
use super::{completion_requests, error_reply};
use crate::cell::completeness::{self, Completeness};
use crate::history::{Entry, History, Query};
use crate::jupyter::request::Request;
use jupyter_protocol::{
    CommClose, CommInfoReply, IsCompleteReply, JupyterMessage, JupyterMessageContent,
    UnknownMessage,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The shell socket and what its requests need.
#[derive(Clone)]
pub struct Shell {
    pub router: Router,
    pub iopub: IoPub,
    pub executor: Executor,
    pub engine: SharedEngine,
    pub history: History,
    pub info: Info,
}

impl Shell {
    pub async fn take(&self, request: Request) {
        match request {
            Request::Malformed { message, why } => {
                tracing::warn!("shell: {why}");
                self.iopub.busy(&message);
                self.finish(&message, error_reply::malformed(&message, &why))
                    .await;
            }
            Request::WellFormed(message) if is_slow(&message) => {
                let shell = self.clone();
                tokio::spawn(async move {
                    shell.iopub.busy(&message);
                    let reply = shell.reply_to_slow(&message).await;
                    shell.finish(&message, reply).await;
                });
            }
            Request::WellFormed(message) => match &message.content {
                JupyterMessageContent::ExecuteRequest(_) => self.executor.queue(message),
                content => {
                    self.iopub.busy(&message);
                    let reply = self.reply_to(&message, content);
                    self.finish(&message, reply).await;
                }
            },
        }
    }

    async fn finish(&self, request: &JupyterMessage, reply: Option<JupyterMessageContent>) {
        if let Some(reply) = reply {
            self.router.reply(request, reply).await;
        }
        self.iopub.idle(request);
        // Clients show the last status they received, but a cell is still running.
        if let Some(cell) = self.executor.current() {
            self.iopub.busy(&cell);
        }
    }

    /// Answers a fast request.
    fn reply_to(
        &self,
        request: &JupyterMessage,
        content: &JupyterMessageContent,
    ) -> Option<JupyterMessageContent> {
        Some(match content {
            JupyterMessageContent::IsCompleteRequest(cell) => is_complete(&cell.code),
            JupyterMessageContent::CommInfoRequest(_) => CommInfoReply::default().into(),
            JupyterMessageContent::CommOpen(comm) => {
                // The kernel has no comm targets, and must say so by closing the comm.
                let close = CommClose {
                    comm_id: comm.comm_id.clone(),
                    data: Default::default(),
                };
                self.iopub.send(request, close);
                return None;
            }
            JupyterMessageContent::CommMsg(_) | JupyterMessageContent::CommClose(_) => {
                tracing::debug!("shell: message for a comm that is not open");
                return None;
            }
            content => match self.info.answer(content) {
                Some(reply) => reply,
                None => {
                    tracing::warn!("shell: unsupported message {}", request.header.msg_type);
                    return None;
                }
            },
        })
    }

    /// Answers a slow request, by asking other processes or reading the disk.
    async fn reply_to_slow(&self, request: &JupyterMessage) -> Option<JupyterMessageContent> {
        let completion = self.engine.completion();
        match &request.content {
            JupyterMessageContent::CompleteRequest(content) => Some(
                completion_requests::complete(completion, content)
                    .await
                    .into(),
            ),
            JupyterMessageContent::InspectRequest(content) => Some(
                completion_requests::inspect(completion, content)
                    .await
                    .into(),
            ),
            JupyterMessageContent::UnknownMessage(UnknownMessage { content, .. }) => {
                match HistoryRequest::deserialize(content) {
                    Ok(request) => Some(self.find_history(request).await),
                    Err(error) => {
                        let why = format!("invalid content of history_request: {error}");
                        tracing::warn!("shell: {why}");
                        error_reply::malformed(request, &why)
                    }
                }
            }
            _ => None,
        }
    }

    async fn find_history(&self, request: HistoryRequest) -> JupyterMessageContent {
        let history = self.history.clone();
        let HistoryRequest { output, query } = request;
        let found = tokio::task::spawn_blocking(move || history.find(&query)).await;
        let entries = found.unwrap_or_default().into_iter();
        let entries: Vec<Value> = entries
            .map(
                |Entry {
                     session,
                     line,
                     input,
                     output: text,
                 }| match output {
                    true => json!([session, line, [input, text]]),
                    false => json!([session, line, input]),
                },
            )
            .collect();
        error_reply::reply("history_reply", json!({"status": "ok", "history": entries}))
    }
}

/// A `history_request`. jupyter-protocol has no type that accepts everything the protocol allows.
#[derive(Deserialize)]
struct HistoryRequest {
    /// Whether to return outputs too.
    #[serde(default)]
    output: bool,
    #[serde(flatten)]
    query: Query,
}

fn is_slow(message: &JupyterMessage) -> bool {
    matches!(
        message.content,
        JupyterMessageContent::CompleteRequest(_) | JupyterMessageContent::InspectRequest(_)
    ) || message.header.msg_type == "history_request"
}

fn is_complete(code: &str) -> JupyterMessageContent {
    match completeness::of(code) {
        Completeness::Complete => IsCompleteReply::complete(),
        Completeness::Incomplete { indent } => IsCompleteReply::incomplete(indent),
        Completeness::Invalid => IsCompleteReply::invalid(),
        Completeness::Unknown => IsCompleteReply::unknown(),
    }
    .into()
}
