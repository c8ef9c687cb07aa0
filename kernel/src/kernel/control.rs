//! Answers requests on the control socket, which nothing may hold up.

use super::engine::Engine;
use super::info;
use super::iopub::IoPub;
use super::router::Router;
use jupyter_protocol::{
    InterruptReply, JupyterMessage, JupyterMessageContent, ReplyStatus, ShutdownReply,
};
use std::ops::ControlFlow;

/// Answers one request; `Break` when it was for a shutdown.
pub async fn answer(
    request: JupyterMessage,
    control: &Router,
    iopub: &IoPub,
    engine: &Engine,
) -> ControlFlow<()> {
    iopub.busy(&request);
    let mut flow = ControlFlow::Continue(());
    match &request.content {
        JupyterMessageContent::KernelInfoRequest(_) => {
            control.reply(&request, info::kernel_info()).await;
        }
        JupyterMessageContent::InterruptRequest(_) => {
            engine.interrupt().await;
            control.reply(&request, InterruptReply::default()).await;
        }
        JupyterMessageContent::ShutdownRequest(shutdown) => {
            // Clients may take the reply for the end, so nothing is left when it goes out.
            engine.stop().await;
            let reply = ShutdownReply {
                restart: shutdown.restart,
                status: ReplyStatus::Ok,
                error: None,
            };
            iopub.send(&request, reply.clone());
            control.reply(&request, reply).await;
            flow = ControlFlow::Break(());
        }
        other => tracing::warn!("control: no answer to {}", other.message_type()),
    }
    iopub.idle(&request);
    flow
}
