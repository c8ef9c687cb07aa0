//! Asks the user on behalf of a cell.

use super::router::Router;
use crate::jupyter::request::Request;
use jupyter_protocol::{InputRequest, JupyterMessage, JupyterMessageContent};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

#[derive(Clone)]
pub struct Stdin {
    socket: Router,
    /// Where the next answer goes.
    waiting: Arc<Mutex<Option<oneshot::Sender<String>>>>,
}

impl Stdin {
    pub fn new(socket: Router) -> Stdin {
        Stdin {
            socket,
            waiting: Arc::default(),
        }
    }

    /// Asks the client that sent `cell`, an `execute_request`; `None` when it does not want to be
    /// asked, or something else was asked since.
    pub async fn ask(
        &self,
        cell: &JupyterMessage,
        prompt: String,
        password: bool,
    ) -> Option<String> {
        let JupyterMessageContent::ExecuteRequest(request) = &cell.content else {
            return None;
        };
        if !request.allow_stdin {
            return None;
        }
        let (answer, wait) = oneshot::channel();
        *self.waiting() = Some(answer);
        self.socket
            .reply(cell, InputRequest { prompt, password })
            .await;
        wait.await.ok()
    }

    /// Takes what came in on the socket; an answer that nobody waits for is dropped.
    pub fn take(&self, request: Request) {
        let message = match request {
            Request::WellFormed(message) => message,
            Request::Malformed { why, .. } => {
                tracing::warn!("stdin: {why}");
                return;
            }
        };
        let JupyterMessageContent::InputReply(reply) = message.content else {
            tracing::warn!("stdin: no answer to {}", message.header.msg_type);
            return;
        };
        if let Some(waiting) = self.waiting().take() {
            let _ = waiting.send(reply.value);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Option<oneshot::Sender<String>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
