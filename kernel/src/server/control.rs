//! Answers requests on the control socket, which nothing may hold up.

use super::engine::SharedEngine;
use super::error_reply;
use super::info::Info;
use super::iopub::IoPub;
use super::router::Router;
use crate::jupyter::request::Request;
use jupyter_protocol::{
    InterruptReply, JupyterMessage, JupyterMessageContent, ReplyStatus, ShutdownReply,
};
use std::ops::ControlFlow;

/// The control socket and what its requests are about.
pub struct Control {
    pub router: Router,
    pub iopub: IoPub,
    pub engine: SharedEngine,
    pub info: Info,
}

impl Control {
    /// Answers one request; `Break` when it was for a shutdown.
    pub async fn take(&self, request: Request) -> ControlFlow<()> {
        self.iopub.busy(request.message());
        let mut flow = ControlFlow::Continue(());
        let reply = match &request {
            Request::Malformed { message, why } => {
                tracing::warn!("control: {why}");
                error_reply::malformed(message, why)
            }
            Request::WellFormed(message) => match &message.content {
                JupyterMessageContent::InterruptRequest(_) => {
                    self.engine.interrupt().await;
                    Some(InterruptReply::default().into())
                }
                JupyterMessageContent::ShutdownRequest(shutdown) => {
                    flow = ControlFlow::Break(());
                    Some(self.shut_down(message, shutdown.restart).await)
                }
                content => self.info.answer(content).or_else(|| {
                    tracing::warn!("control: no answer to {}", message.header.msg_type);
                    None
                }),
            },
        };
        if let Some(reply) = reply {
            self.router.reply(request.message(), reply).await;
        }
        self.iopub.idle(request.message());
        flow
    }

    async fn shut_down(&self, request: &JupyterMessage, restart: bool) -> JupyterMessageContent {
        // Clients may take the reply for the end, so nothing is left when it goes out.
        self.engine.stop().await;
        self.engine.completion().stop().await;
        let reply = ShutdownReply {
            restart,
            status: ReplyStatus::Ok,
            error: None,
        };
        self.iopub.send(request, reply.clone());
        reply.into()
    }
}
