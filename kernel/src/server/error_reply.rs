//! Replies to requests that the kernel does not support or cannot parse.

use jupyter_protocol::{JupyterMessage, JupyterMessageContent, ReplyError, UnknownMessage};
use serde_json::{Value, json};

/// Creates a reply of any type.
pub fn reply(msg_type: &str, content: Value) -> JupyterMessageContent {
    JupyterMessageContent::UnknownMessage(UnknownMessage {
        msg_type: msg_type.to_owned(),
        content,
    })
}

/// Returns the reply to a request that cannot be answered, or `None` for messages that get no reply.
pub fn error(request: &JupyterMessage, error: &ReplyError) -> Option<JupyterMessageContent> {
    let kind = request.header.msg_type.strip_suffix("_request")?;
    let mut content = json!({
        "status": "error",
        "ename": error.ename,
        "evalue": error.evalue,
        "traceback": error.traceback,
    });
    // Fields that a client may read without checking the status.
    match kind {
        "is_complete" => content = json!({"status": "unknown"}),
        "execute" => content["execution_count"] = Value::from(0),
        _ => {}
    }
    Some(reply(&format!("{kind}_reply"), content))
}

/// The types of requests that have a reply.
const ANSWERED: [&str; 11] = [
    "comm_info_request",
    "complete_request",
    "connect_request",
    "debug_request",
    "execute_request",
    "history_request",
    "inspect_request",
    "interrupt_request",
    "is_complete_request",
    "kernel_info_request",
    "shutdown_request",
];

/// Returns the reply to a request with invalid content, or `None` when its type has no reply.
pub fn malformed(request: &JupyterMessage, why: &str) -> Option<JupyterMessageContent> {
    if !ANSWERED.contains(&request.header.msg_type.as_str()) {
        return None;
    }
    error(
        request,
        &ReplyError {
            ename: "MalformedMessage".to_owned(),
            evalue: why.to_owned(),
            traceback: vec![why.to_owned()],
        },
    )
}

/// Returns the reply to a debugger's request, in the form of the Debug Adapter Protocol.
pub fn debug(request: &Value) -> JupyterMessageContent {
    const WHY: &str = "this kernel has no debugger";
    reply(
        "debug_reply",
        json!({
            "status": "error",
            "ename": "NoDebugger",
            "evalue": WHY,
            "traceback": [WHY],
            "type": "response",
            "request_seq": request.get("seq").cloned().unwrap_or_else(|| 0.into()),
            "command": request.get("command").cloned().unwrap_or_else(|| "".into()),
            "success": false,
            "message": WHY,
        }),
    )
}
