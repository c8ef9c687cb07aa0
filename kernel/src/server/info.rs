//! Answers requests for information about the kernel.

use super::error_reply::{self, reply};
use jupyter_protocol::{ConnectionInfo, JupyterMessageContent};
use serde_json::{Value, json};

/// The version of the Jupyter messaging protocol that the kernel implements.
pub const PROTOCOL_VERSION: &str = "5.5";

/// The facts that stay the same for the whole life of a kernel.
#[derive(Clone)]
pub struct Info {
    ports: Value,
}

impl Info {
    pub fn of(connection: &ConnectionInfo) -> Info {
        Info {
            ports: json!({
                "status": "ok",
                "shell_port": connection.shell_port,
                "iopub_port": connection.iopub_port,
                "stdin_port": connection.stdin_port,
                "control_port": connection.control_port,
                "hb_port": connection.hb_port,
            }),
        }
    }

    /// Answers the requests that clients may send on both sockets. Returns `None` for any other request.
    pub fn answer(&self, request: &JupyterMessageContent) -> Option<JupyterMessageContent> {
        match request {
            JupyterMessageContent::KernelInfoRequest(_) => Some(kernel_info()),
            JupyterMessageContent::DebugRequest(request) => {
                Some(error_reply::debug(&request.content))
            }
            JupyterMessageContent::UnknownMessage(request)
                if request.msg_type == "connect_request" =>
            {
                Some(reply("connect_reply", self.ports.clone()))
            }
            _ => None,
        }
    }
}

/// Returns the content of a `kernel_info_reply`.
///
/// The typed reply of `jupyter-protocol` lacks `supported_features`, which protocol 5.5 added.
fn kernel_info() -> JupyterMessageContent {
    let content = json!({
        "status": "ok",
        "protocol_version": PROTOCOL_VERSION,
        "implementation": "threadbook",
        "implementation_version": env!("CARGO_PKG_VERSION"),
        "language_info": {
            "name": "rust",
            "version": env!("CARGO_PKG_RUST_VERSION"),
            "mimetype": "text/rust",
            "file_extension": ".rs",
            "pygments_lexer": "rust",
            "codemirror_mode": "rust",
        },
        "banner": concat!("Threadbook ", env!("CARGO_PKG_VERSION"), ": Rust with threads and processes"),
        "help_links": [
            { "text": "The Rust Programming Language", "url": "https://doc.rust-lang.org/book/" },
            { "text": "Standard library", "url": "https://doc.rust-lang.org/std/" },
        ],
        "debugger": false,
        // Lists optional features (JEP 92), such as a debugger or subshells; `iopub_welcome` is part of 5.5.
        "supported_features": [],
    });
    reply("kernel_info_reply", content)
}
