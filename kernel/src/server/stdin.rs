//! The stdin socket: asks the user for input on behalf of a cell.

use super::router::Router;
use crate::jupyter::request::Request;
use jupyter_protocol::{InputRequest, JupyterMessage, JupyterMessageContent};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

#[derive(Clone)]
pub struct Stdin {
    socket: Router,
    pending: Arc<Mutex<Option<PendingQuestion>>>,
}

/// A question that waits for its answer.
struct PendingQuestion {
    /// The id of the message that asks.
    question: String,
    answer: oneshot::Sender<String>,
}

impl Stdin {
    pub fn new(socket: Router) -> Stdin {
        Stdin {
            socket,
            pending: Arc::default(),
        }
    }

    /// Asks the client that sent `cell`, an `execute_request`. Returns `None` when the client does not
    /// allow questions, or when a later question has replaced this one.
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
        *self.pending() = Some(PendingQuestion {
            question: message.header.msg_id.clone(),
            answer,
        });
        self.socket.send(message).await;
        wait.await.ok()
    }

    /// Takes a message from the socket. Drops an answer that nobody waits for, and one to an earlier question if the client says
    /// which question it answers.
    pub fn take(&self, request: Request) {
        let message = match request {
            Request::WellFormed(message) => message,
            Request::Malformed { why, .. } => {
                tracing::warn!("stdin: {why}");
                return;
            }
        };
        let JupyterMessageContent::InputReply(reply) = message.content else {
            tracing::warn!("stdin: unsupported message {}", message.header.msg_type);
            return;
        };
        let mut pending = self.pending();
        let answered = message.parent_header.map(|question| question.msg_id);
        let is_late = |pending: &mut PendingQuestion| {
            answered.as_ref().is_some_and(|id| *id != pending.question)
        };
        if let Some(pending) = pending.take_if(|pending| !is_late(pending)) {
            let _ = pending.answer.send(reply.value);
        }
    }

    fn pending(&self) -> MutexGuard<'_, Option<PendingQuestion>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
