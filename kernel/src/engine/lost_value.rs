//! Errors about variables that earlier cells have moved or lost. rustc does not know these variables, and would suggest others.

use super::rustc::{Code, Diagnostic, Span};

/// Returns the error that rustc reports where a moved variable and its use are in one function.
pub fn as_moved(error: &Diagnostic, name: &str) -> Diagnostic {
    let message = format!("use of moved value: `{name}`");
    instead(error, "E0382", message, "value used here after move")
}

/// Returns the error about a variable that is gone. A `mut` one is still declared, without a value.
pub fn as_missing(error: &Diagnostic, name: &str) -> Diagnostic {
    let message = format!("cannot find value `{name}` in this scope");
    instead(error, "E0425", message, "not found in this scope")
}

fn instead(error: &Diagnostic, code: &str, message: String, label: &str) -> Diagnostic {
    let spans = error.spans.iter().filter(|span| span.is_primary);
    let spans = spans.map(|span| Span {
        label: Some(label.to_owned()),
        ..span.clone()
    });
    Diagnostic {
        message,
        code: Some(Code {
            code: code.to_owned(),
            explanation: None,
        }),
        spans: spans.collect(),
        children: Vec::new(),
        ..error.clone()
    }
}
