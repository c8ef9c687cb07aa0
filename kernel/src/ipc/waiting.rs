//! What threads wait for, and the lines of code that they wait in.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A thread of a cell, and what it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingThread {
    /// The process that the thread is in; `None` for that of the cell itself.
    pub process: Option<u32>,
    /// Whether it is the first thread of its process.
    pub is_main: bool,
    pub name: String,
    pub wait: Wait,
    /// The calls on its stack, the innermost first; empty if it does not wait, or they are unknown.
    pub frames: Vec<Frame>,
}

/// What a thread waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wait {
    /// It does not wait.
    Running,
    /// A word in memory to change: a lock, a channel, a barrier, a condition.
    Memory {
        /// The thread that holds the lock, if it is known: in a watched cell.
        holder: Option<String>,
    },
    /// The end of the thread of this name, if it waits itself.
    Join(Option<String>),
    /// Something of the helper crate's.
    Helper {
        kind: HelperWait,
        /// The thread that holds the lock, if it is known.
        holder: Option<String>,
    },
    /// Time to pass.
    Sleep,
    /// A child process to end.
    Child,
    /// The system call of this number, such as a read from a file or a socket.
    SystemCall(Option<i64>),
}

/// What of the helper crate a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HelperWait {
    Lock,
    Receive,
    Send,
    Notification,
    Barrier,
    Tasks,
}

/// A call on a stack.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frame {
    pub library: PathBuf,
    /// The address of the call, from the library's beginning.
    pub address: u64,
}

/// A line of the source that a library was compiled from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// From 1.
    pub line: u32,
    pub library: PathBuf,
}

/// A line of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The number of an earlier cell; `None` for the one executed last.
    pub cell: Option<u32>,
    /// From 1.
    pub line: u32,
    pub text: String,
}
