//! Answers requests on the control socket, which nothing may delay.

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

/// The control socket and what its requests need.
pub struct Control {
    pub router: Router,
    pub iopub: IoPub,
    pub engine: SharedEngine,
    pub info: Info,
}

impl Control {
    /// Answers one request. Returns `Break` for a shutdown.
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
                    tracing::warn!("control: unsupported message {}", message.header.msg_type);
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
        // Clients may treat the reply as the end, so stop everything before sending it.
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
