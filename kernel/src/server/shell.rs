//! Answers requests on the shell socket: cells are queued, what takes a moment is answered by a
//! task of its own, all else at once.

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

/// The shell socket and what its requests are about.
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
            Request::WellFormed(message) if takes_a_moment(&message) => {
                let shell = self.clone();
                tokio::spawn(async move {
                    shell.iopub.busy(&message);
                    let reply = shell.think(&message).await;
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
        // Clients show the last status they were told, and the cell in hand goes on.
        if let Some(cell) = self.executor.current() {
            self.iopub.busy(&cell);
        }
    }

    /// What is answered at once.
    fn reply_to(
        &self,
        request: &JupyterMessage,
        content: &JupyterMessageContent,
    ) -> Option<JupyterMessageContent> {
        Some(match content {
            JupyterMessageContent::IsCompleteRequest(cell) => is_complete(&cell.code),
            JupyterMessageContent::CommInfoRequest(_) => CommInfoReply::default().into(),
            JupyterMessageContent::CommOpen(comm) => {
                // Nobody here knows any target, and the other side has to be told.
                let close = CommClose {
                    comm_id: comm.comm_id.clone(),
                    data: Default::default(),
                };
                self.iopub.send(request, close);
                return None;
            }
            JupyterMessageContent::CommMsg(_) | JupyterMessageContent::CommClose(_) => {
                tracing::debug!("shell: a message for a comm that is not open");
                return None;
            }
            content => match self.info.answer(content) {
                Some(reply) => reply,
                None => {
                    tracing::warn!("shell: no answer to {}", request.header.msg_type);
                    return None;
                }
            },
        })
    }

    /// What is looked up by other processes or on disk.
    async fn think(&self, request: &JupyterMessage) -> Option<JupyterMessageContent> {
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
                    Ok(wanted) => Some(self.remember(wanted).await),
                    Err(error) => {
                        let why = format!("the content of this history_request is wrong: {error}");
                        tracing::warn!("shell: {why}");
                        error_reply::malformed(request, &why)
                    }
                }
            }
            _ => None,
        }
    }

    async fn remember(&self, wanted: HistoryRequest) -> JupyterMessageContent {
        let history = self.history.clone();
        let HistoryRequest { output, query } = wanted;
        let found = tokio::task::spawn_blocking(move || history.find(&query)).await;
        let entries = found.unwrap_or_default().into_iter();
        let entries: Vec<Value> = entries
            .map(
                |Entry {
                     session,
                     line,
                     input,
                     output: shown,
                 }| match output {
                    true => json!([session, line, [input, shown]]),
                    false => json!([session, line, input]),
                },
            )
            .collect();
        error_reply::reply("history_reply", json!({"status": "ok", "history": entries}))
    }
}

/// What jupyter-protocol has no type for that takes all the protocol allows.
#[derive(Deserialize)]
struct HistoryRequest {
    /// Whether outputs are wanted too.
    #[serde(default)]
    output: bool,
    #[serde(flatten)]
    query: Query,
}

fn takes_a_moment(message: &JupyterMessage) -> bool {
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
