//! What the threads and processes of a watched cell did, as the runtime tells it. Times are nanoseconds since the cell began.

use super::{Frame, Wait};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The thread that runs the cell first, then in the order in which they did something first.
    pub threads: Vec<WatchedThread>,
    /// Those of one thread in the order of their ends.
    pub spans: Vec<WatchedSpan>,
    pub arrows: Vec<WatchedArrow>,
    /// Locks, conditions, channels and atomics.
    pub objects: Vec<WatchedObject>,
    pub contentions: Vec<Contention>,
    /// The first lost updates of each thread.
    pub lost_updates: Vec<LostUpdate>,
    /// Locks that threads took in orders in which they could deadlock.
    pub lock_cycles: Vec<Vec<LockStep>>,
    /// Where things happened; all others are indices into this.
    pub sites: Vec<Site>,
    /// How many events there was no room for.
    pub missing: u64,
    /// How long the cell took.
    pub duration: u64,
}

/// A thread of a watched cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedThread {
    /// The process that it is in; `None` for that of the cell itself.
    pub process: Option<u32>,
    /// Whether it is the first thread of its process.
    pub is_main: bool,
    /// Known if it has ended.
    pub name: Option<String>,
    pub begin: u64,
    /// Unless it outlived the cell.
    pub end: Option<u64>,
    pub started: Option<Started>,
    pub prints: Vec<Prints>,
}

/// A thread prints, or several times one soon after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prints {
    pub begin: u64,
    /// When it printed last.
    pub end: u64,
    pub count: u64,
}

/// Where a thread was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The thread that started it.
    pub by: u32,
    pub time: u64,
    pub site: Option<u32>,
}

/// What a thread did for a while, or several times one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedSpan {
    pub thread: u32,
    pub what: Activity,
    pub site: Option<u32>,
    pub begin: u64,
    pub end: u64,
    pub count: u64,
    /// How long it took in all.
    pub total: u64,
    pub longest: u64,
    /// The thread that held the lock, if it was always the same.
    pub by: Option<u32>,
}

/// What a thread does. Numbers are indices of objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Activity {
    Wait(Wait),
    WaitForLock(u32),
    WaitForMessage(u32),
    /// Waits for room in a channel.
    WaitForRoom(u32),
    WaitForNotification(u32),
    Hold(u32),
}

/// Something that one thread did and that let another one go on, or several times the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedArrow {
    pub what: Cause,
    pub from: u32,
    pub from_time: u64,
    pub to: u32,
    pub to_time: u64,
    pub count: u64,
    /// When the last of them was from and to.
    pub last: (u64, u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// It released a lock that the other one waited for.
    Unlock(u32),
    /// It sent the message that the other one received.
    Message(u32),
    /// It notified the condition that the other one waited for.
    Notification(u32),
    /// It ended, and the other one had joined it.
    End,
}

/// A lock, condition, channel or atomic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedObject {
    pub kind: ObjectKind,
    /// The different places of the code that use it.
    pub sites: Vec<u32>,
    /// How often a lock was taken, a message sent, or a condition notified.
    pub uses: u64,
    pub lost_updates: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ObjectKind {
    Lock,
    Channel,
    Condition,
    Atomic,
}

/// How long a thread waited for a lock that another one held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contention {
    pub object: u32,
    pub waiter: u32,
    pub holder: Option<u32>,
    pub count: u64,
    pub total: u64,
    pub longest: u64,
}

/// A store that overwrote what another thread had written since the load before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostUpdate {
    pub object: u32,
    pub thread: u32,
    pub time: u64,
    /// Whose update was lost.
    pub of: Option<u32>,
    pub site: Option<u32>,
}

/// A thread took a lock while it held another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockStep {
    pub thread: u32,
    pub held: u32,
    pub held_site: Option<u32>,
    pub taken: u32,
    pub taken_site: Option<u32>,
}

/// Where something happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Site {
    /// Calls, the innermost first.
    Stack(Vec<Frame>),
    Code(CodePlace),
}

/// A place in the source that a library was compiled from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CodePlace {
    pub library: PathBuf,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}
