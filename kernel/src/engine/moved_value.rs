//! Errors about variables that earlier cells have moved. rustc does not know these variables, and would suggest others.

use super::rustc::{Code, Diagnostic, Span};

/// Returns the error that rustc reports where the variable and its use are in one function.
pub fn as_moved_value(error: &Diagnostic, name: &str) -> Diagnostic {
    let spans = error.spans.iter().map(|span| Span {
        label: span
            .is_primary
            .then(|| "value used here after move".to_owned()),
        ..span.clone()
    });
    Diagnostic {
        message: format!("use of moved value: `{name}`"),
        code: Some(Code {
            code: "E0382".to_owned(),
            explanation: None,
        }),
        spans: spans.collect(),
        children: Vec::new(),
        ..error.clone()
    }
}
