//! What came out of a cell that ran in many orders of its threads' steps, as the runtime tells it.

use super::Site;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// How to run a cell in many orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunExplored {
    /// The cell's library, compiled against the library for explored cells; or why there is none.
    pub library: Result<PathBuf, String>,
    /// The most orders to run.
    pub orders: u64,
    /// What random orders are drawn from.
    pub seed: u64,
    /// The most switches from a thread that could go on.
    pub switches: Option<u32>,
    pub time: Duration,
    /// The one order to run.
    pub replay: Option<String>,
    /// What the cell reads that may differ from run to run.
    pub outside: Vec<String>,
}

/// The orders that were run, and what the cell showed in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Explored {
    /// How many orders were run. Two that differ only in steps on different objects count as one.
    pub orders: u64,
    pub end: ExploredEnd,
    /// About how many orders there are, if not all of them were run.
    pub estimate: Option<f64>,
    /// What the random orders were drawn from.
    pub seed: u64,
    /// The most switches from a thread that could have gone on, if they were limited.
    pub switches: Option<u32>,
    /// In the order in which they were found.
    pub outcomes: Vec<ExploredOutcome>,
    pub notes: Vec<ExploredNote>,
    /// Where things happened; all others are indices into this.
    pub sites: Vec<Site>,
}

/// Why no more orders were run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExploredEnd {
    /// There are no more, within the limit of switches if there is one.
    #[default]
    All,
    /// As many were run as the cell asked for.
    Orders,
    /// The time was over.
    Time,
    Interrupt,
}

/// What the cell showed in some of the orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExploredOutcome {
    pub shown: Shown,
    /// In how many orders.
    pub count: u64,
    /// The order with the fewest switches that led to it, as `//: replay` takes it.
    pub order: String,
    /// The threads and processes of that order, as they began; the cell's own thread is the first.
    pub threads: Vec<ExploredThread>,
    /// What was shared in that order.
    pub objects: Vec<ExploredObject>,
    pub steps: Vec<ExploredStep>,
}

/// What the reader sees of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shown {
    /// What it printed.
    pub output: String,
    /// The value of its last expression, as plain text.
    pub value: Option<String>,
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Failure {
    /// The cell failed, with this message.
    Panic(String),
    /// All threads that were left waited for each other.
    Deadlock,
    /// A thread went on for so many steps that it seems to have no end.
    Endless,
    /// A process ended in a way that no step explains, such as by a signal.
    Crash(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExploredThread {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The index of the thread that started it.
    pub parent: Option<u32>,
    /// Whether it is the first thread of a process of its own.
    pub is_process: bool,
    /// Where it was started.
    pub site: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExploredObject {
    pub kind: ExploredKind,
    /// The different places of the code that use it, from which its name follows.
    pub sites: Vec<u32>,
    /// What it held at the start of the cell, or when it was made.
    pub initial: Option<i128>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExploredKind {
    Lock,
    Condition,
    Channel,
    /// A number in memory that threads or processes share.
    Number,
    Barrier,
    Event,
    Semaphore,
    /// Something that is initialised once.
    Once,
}

/// One step of one thread. Between two steps it touches nothing that is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExploredStep {
    pub thread: u32,
    pub site: Option<u32>,
    pub action: Action,
    /// The step made another thread's update disappear.
    pub loses_update: bool,
}

/// What a step does. Objects and threads are indices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    Start,
    Load {
        object: u32,
        value: i128,
    },
    Store {
        object: u32,
        value: i128,
    },
    /// Reads and writes at once.
    Update {
        object: u32,
        from: i128,
        to: i128,
    },
    Lock {
        object: u32,
    },
    LockShared {
        object: u32,
    },
    /// A lock that was not to be had, and that the thread did not wait for.
    TryLockFailed {
        object: u32,
    },
    Unlock {
        object: u32,
    },
    Send {
        object: u32,
    },
    Receive {
        object: u32,
    },
    /// There was no message, and the thread did not wait for one.
    ReceiveFailed {
        object: u32,
    },
    /// Drops an end of a channel.
    Close {
        object: u32,
    },
    /// Waits for a condition, and releases its lock meanwhile.
    Wait {
        object: u32,
    },
    Notify {
        object: u32,
    },
    /// Arrives at a barrier.
    Arrive {
        object: u32,
    },
    /// Ends the waits at a barrier with an error.
    Break {
        object: u32,
    },
    SetEvent {
        object: u32,
    },
    ClearEvent {
        object: u32,
    },
    /// Looks at an event, and waits unless it is set.
    WaitEvent {
        object: u32,
        is_set: bool,
    },
    /// Takes a permit of a semaphore.
    Acquire {
        object: u32,
        from: i128,
        to: i128,
    },
    /// There was no permit, and the thread did not wait for one.
    AcquireFailed {
        object: u32,
    },
    /// Returns permits to a semaphore.
    Release {
        object: u32,
        from: i128,
        to: i128,
    },
    Initialize {
        object: u32,
    },
    /// Waits until another thread has initialised it.
    WaitInitialized {
        object: u32,
    },
    FindInitialized {
        object: u32,
    },
    Spawn {
        thread: u32,
    },
    Join {
        thread: u32,
    },
    /// Sleeps, yields or parks: lets others go on.
    Yield,
    Unpark {
        thread: u32,
    },
    Print {
        text: String,
    },
    Panic {
        message: String,
    },
    /// The last step of an order that ends in a deadlock: what the thread waits for for ever.
    Blocked {
        on: BlockedOn,
    },
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockedOn {
    /// A lock, and the thread that holds it.
    Lock {
        object: u32,
        holder: Option<u32>,
    },
    Message {
        object: u32,
    },
    Room {
        object: u32,
    },
    Notification {
        object: u32,
    },
    Barrier {
        object: u32,
    },
    /// For an event to be set.
    Event {
        object: u32,
    },
    /// For a permit of a semaphore.
    Permit {
        object: u32,
    },
    /// Something that is initialised once, and the thread that does it.
    Initialized {
        object: u32,
        holder: Option<u32>,
    },
    Thread {
        thread: u32,
    },
    Park,
}

/// Something that a reader must know to trust the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExploredNote {
    /// An atomic was used with an order weaker than `SeqCst`, which may allow more than was tried.
    WeakOrdering { site: Option<u32> },
    /// The cell read the time, random numbers or the network: a replay may differ.
    Outside { what: String },
    /// A thread that seemed to wait in a loop let others go first, so orders in which it goes on were left out.
    LoopsLeftOut { site: Option<u32> },
    /// The same order gave different steps, so the numbers may be wrong.
    NotDeterministic,
    /// The cell cannot be explored, and ran once as it is.
    RanOnce { why: String },
}
