//! What the kernel and the completion process say to each other, over the completion process's stdin and stdout, as
//! frames of [`crate::ipc`].

use serde::{Deserialize, Serialize};

/// A variable of the notebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    pub name: String,
    /// Its type as it can be written in a cell.
    pub written: String,
}

/// From the kernel to the completion process. Offsets are in bytes of the code beside them.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// A cell has ended well; `variables` are all that the notebook has after it.
    Executed {
        code: String,
        variables: Vec<Variable>,
    },
    /// All items and variables are gone.
    Forget,
    Complete {
        id: u64,
        code: String,
        offset: usize,
    },
    Inspect {
        id: u64,
        code: String,
        /// What is found at the first of these that leads anywhere counts.
        offsets: Vec<usize>,
        /// Whether to show the definition's source too.
        with_source: bool,
    },
}

/// From the completion process to the kernel.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// All is loaded; from now on answers come fast.
    Warm,
    /// The standard library's source is not installed, so there will be no answers.
    NoSource,
    Completed {
        id: u64,
        completions: Completions,
    },
    Inspected {
        id: u64,
        found: Option<Inspection>,
    },
}

/// What could stand at a place.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Completions {
    /// The part of the code that each of them replaces, in bytes.
    pub start: usize,
    pub end: usize,
    /// The best first.
    pub completions: Vec<Completion>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    pub text: String,
    /// What it is: `function`, `class`, `module`, `instance`, `keyword`, as Jupyter's clients
    /// have icons for.
    pub kind: String,
    /// Its type or its parameters; empty when there is nothing to say.
    pub signature: String,
}

/// What is known of a name.
#[derive(Debug, Serialize, Deserialize)]
pub struct Inspection {
    pub plain: String,
    pub markdown: String,
}
