//! Messages between the kernel and the completion process: frames of [`crate::ipc`] over the latter's stdin and stdout.

use serde::{Deserialize, Serialize};

/// A variable of the notebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    pub name: String,
    /// Its type, as written in Rust.
    pub written: String,
}

/// From the kernel to the completion process. Offsets are in bytes of `code`.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// A cell succeeded; `variables` are all variables of the notebook after it.
    Executed {
        code: String,
        variables: Vec<Variable>,
    },
    /// All items and variables were discarded.
    Forget,
    Complete {
        id: u64,
        code: String,
        offset: usize,
    },
    Inspect {
        id: u64,
        code: String,
        /// Tried in order; the first at which something is found counts.
        offsets: Vec<usize>,
        /// Whether to show the definition's source too.
        with_source: bool,
    },
}

/// From the completion process to the kernel.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Everything is loaded; replies are fast from now on.
    Warm,
    /// It cannot answer here, and has logged why; no other reply follows.
    Unavailable,
    Completed {
        id: u64,
        completions: Completions,
    },
    Inspected {
        id: u64,
        found: Option<Inspection>,
    },
}

/// The completions at an offset.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Completions {
    /// The start and end of the code that each completion replaces, in bytes.
    pub start: usize,
    pub end: usize,
    /// Best first.
    pub completions: Vec<Completion>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    pub text: String,
    /// One of the kinds for which Jupyter's clients have icons: `function`, `class`, `module`, `instance`, `property`,
    /// `keyword`.
    pub kind: String,
    /// Its type or its parameters; empty if it has none.
    pub signature: String,
}

/// The description of a name.
#[derive(Debug, Serialize, Deserialize)]
pub struct Inspection {
    pub plain: String,
    pub markdown: String,
}
