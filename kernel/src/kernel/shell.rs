//! Answers requests on the shell socket: cells are queued, all else is answered at once.

use super::executor::Executor;
use super::info;
use super::iopub::IoPub;
use super::router::Router;
use jupyter_protocol::{
    CommInfoReply, CompleteReply, HistoryReply, InspectReply, IsCompleteReply, JupyterMessage,
    JupyterMessageContent, ReplyStatus,
};

pub async fn answer(request: JupyterMessage, shell: &Router, iopub: &IoPub, executor: &Executor) {
    if let JupyterMessageContent::ExecuteRequest(_) = request.content {
        executor.queue(request);
        return;
    }
    iopub.busy(&request);
    if let Some(reply) = reply_to(&request.content) {
        shell.reply(&request, reply).await;
    }
    iopub.idle(&request);
    // Clients show the last status they were told, and the cell in hand goes on.
    if let Some(cell) = executor.in_hand() {
        iopub.busy(&cell);
    }
}

fn reply_to(request: &JupyterMessageContent) -> Option<JupyterMessageContent> {
    Some(match request {
        JupyterMessageContent::KernelInfoRequest(_) => info::kernel_info(),
        JupyterMessageContent::IsCompleteRequest(_) => IsCompleteReply::unknown().into(),
        JupyterMessageContent::CompleteRequest(request) => CompleteReply {
            matches: Vec::new(),
            cursor_start: request.cursor_pos,
            cursor_end: request.cursor_pos,
            metadata: Default::default(),
            status: ReplyStatus::Ok,
            error: None,
        }
        .into(),
        JupyterMessageContent::InspectRequest(_) => InspectReply::default().into(),
        JupyterMessageContent::HistoryRequest(_) => HistoryReply::new(Vec::new()).into(),
        JupyterMessageContent::CommInfoRequest(_) => CommInfoReply::default().into(),
        other => {
            tracing::warn!("shell: no answer to {}", other.message_type());
            return None;
        }
    })
}
