//! What is drawn: the lanes of the threads, with what each did when, and what let it go on.

use crate::ipc::{Place, Prints};
use crate::server::wait_reason::WaitReason;

/// What the threads of a cell did.
#[derive(Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The thread that runs the cell first, then in the order in which they were started.
    pub lanes: Vec<Lane>,
    pub arrows: Vec<Arrow>,
    pub contentions: Vec<Contention>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// How long the cell took, in nanoseconds.
    pub duration: u64,
    /// How many events came too late to be recorded.
    pub missing: u64,
}

/// What a thread did. Times are nanoseconds since the cell began.
#[derive(Debug, PartialEq, Eq)]
pub struct Lane {
    pub name: String,
    pub begin: u64,
    pub end: u64,
    pub started_by: Option<Start>,
    pub waits: Vec<Span>,
    pub holds: Vec<Hold>,
    pub prints: Vec<Prints>,
    pub lost_updates: Vec<Mark>,
}

/// Where a thread was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The lane of the thread that started it.
    pub lane: usize,
    pub time: u64,
    /// The line of the cell.
    pub place: Option<Place>,
}

/// A wait, or several of one kind one after the other.
#[derive(Debug, PartialEq, Eq)]
pub struct Span {
    pub begin: u64,
    pub end: u64,
    pub reason: WaitReason,
    /// The line of the cell.
    pub place: Option<Place>,
    pub count: u64,
    /// How long they were together, in nanoseconds.
    pub waited: u64,
    /// The longest of them.
    pub longest: u64,
}

/// A time in which a thread holds a lock, or several one after the other.
#[derive(Debug, PartialEq, Eq)]
pub struct Hold {
    pub lock: String,
    pub begin: u64,
    pub end: u64,
    pub place: Option<Place>,
    pub count: u64,
    /// How long they were together, in nanoseconds.
    pub held: u64,
}

/// Something at a moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Mark {
    pub time: u64,
    pub text: String,
}

/// What one lane did, and what another one could do then; or several times the same.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrow {
    pub from: (usize, u64),
    pub to: (usize, u64),
    pub kind: ArrowKind,
    pub text: String,
    pub count: u64,
    /// When the last of them was from and to.
    pub last: (u64, u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrowKind {
    Unlock,
    Message,
    Notification,
    End,
}

/// How long one thread waited for a lock that another one held.
#[derive(Debug, PartialEq, Eq)]
pub struct Contention {
    pub lock: String,
    pub waiter: String,
    pub holder: Option<String>,
    /// How often the lock was taken, by whomever.
    pub taken: u64,
    pub count: u64,
    /// In nanoseconds.
    pub waited: u64,
    pub longest: u64,
}
