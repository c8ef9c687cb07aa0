//! What the kernel says of itself.

use jupyter_protocol::{JupyterMessageContent, UnknownMessage};
use serde_json::json;

/// The version of the Jupyter messaging protocol that is spoken here.
pub const PROTOCOL_VERSION: &str = "5.5";

/// The content of a `kernel_info_reply`.
///
/// The typed reply of `jupyter-protocol` has no `supported_features`, which protocol 5.5 added.
pub fn kernel_info() -> JupyterMessageContent {
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
        "supported_features": ["iopub_welcome"],
    });
    JupyterMessageContent::UnknownMessage(UnknownMessage {
        msg_type: "kernel_info_reply".to_owned(),
        content,
    })
}
