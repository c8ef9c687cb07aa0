//! Asks the user on behalf of a cell.

use super::router::Router;
use crate::jupyter::request::Request;
use jupyter_protocol::{InputRequest, JupyterMessage, JupyterMessageContent};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

#[derive(Clone)]
pub struct Stdin {
    socket: Router,
    waiting: Arc<Mutex<Option<Waiting>>>,
}

/// Who waits for the next answer.
struct Waiting {
    /// The message that asks.
    question: String,
    answer: oneshot::Sender<String>,
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
        let message = JupyterMessage::new(InputRequest { prompt, password }, Some(cell));
        *self.waiting() = Some(Waiting {
            question: message.header.msg_id.clone(),
            answer,
        });
        self.socket.send(message).await;
        wait.await.ok()
    }

    /// Takes what came in on the socket. An answer that nobody waits for is dropped, and so is one to an earlier question, as far as
    /// the client says which one it answers.
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
        let mut waiting = self.waiting();
        let answered = message.parent_header.map(|question| question.msg_id);
        let is_late =
            |waiting: &mut Waiting| answered.as_ref().is_some_and(|id| *id != waiting.question);
        if let Some(waiting) = waiting.take_if(|waiting| !is_late(waiting)) {
            let _ = waiting.answer.send(reply.value);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
