//! The commands of the output thread.

use super::cell_output::CellReaders;
use crate::ipc::RuntimeReply;
use crossbeam_channel::Sender;

pub enum OutputCommand {
    /// Forward the output of a cell, at most `limit` bytes of it.
    Begin {
        readers: CellReaders,
        limit: u64,
    },
    Send(RuntimeReply),
    /// Forward everything written so far, then answer.
    Drain(Sender<()>),
    /// Forward everything written so far, then ask the user for a line.
    Ask {
        question: Question,
        answer: Sender<Option<String>>,
    },
}

/// A request for a line from the user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    pub prompt: String,
    pub password: bool,
}
