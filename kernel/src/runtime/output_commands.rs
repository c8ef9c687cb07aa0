//! What the thread that carries output is told to do.

use super::cell_output::CellReaders;
use crate::ipc::RuntimeReply;
use crossbeam_channel::Sender;

pub enum OutputCommand {
    /// Carry what comes out of a cell, and no more than so many bytes of it.
    Begin {
        readers: CellReaders,
        limit: u64,
    },
    Send(RuntimeReply),
    /// Carry all that was written up to now, then answer.
    Drain(Sender<()>),
    /// Ask the user for a line, after all that was written.
    Ask {
        question: Question,
        answer: Sender<Option<String>>,
    },
}

/// What the user is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    pub prompt: String,
    pub password: bool,
}
