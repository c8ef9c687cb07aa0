//! An event of a watched cell.

/// What happened. The numbers from 16 on are those of the library for watched cells (`watched_std/events.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The thread begins to wait; the subject is the number of the [`Kind`](super::table::Kind), the value what it waits for.
    WaitBegin = 1,
    WaitEnd = 2,
    /// The thread starts another one, or a process; no two have the same subject.
    Spawn = 3,
    /// The thread begins; the subject is that of its `Spawn`, the value its `pthread_t`.
    Begin = 4,
    /// The thread ends; the subject and the value are its name, or the rest of it.
    End = 5,
    Print = 6,
    /// The thread overwrites what another one has written to the subject since it has read it; the value is that thread.
    LostUpdate = 7,
    /// The thread is about to end; the subject and the value are a part of its name.
    Name = 8,
    WantLock = 16,
    Lock = 17,
    LockShared = 18,
    Unlock = 19,
    Send = 20,
    WantRoom = 21,
    WantMessage = 22,
    Receive = 23,
    WantNotification = 24,
    Notify = 25,
    WaitOver = 26,
    Unsent = 27,
}

impl EventKind {
    pub fn of_number(number: u32) -> Option<EventKind> {
        Some(match number {
            1 => EventKind::WaitBegin,
            2 => EventKind::WaitEnd,
            3 => EventKind::Spawn,
            4 => EventKind::Begin,
            5 => EventKind::End,
            6 => EventKind::Print,
            7 => EventKind::LostUpdate,
            8 => EventKind::Name,
            16 => EventKind::WantLock,
            17 => EventKind::Lock,
            18 => EventKind::LockShared,
            19 => EventKind::Unlock,
            20 => EventKind::Send,
            21 => EventKind::WantRoom,
            22 => EventKind::WantMessage,
            23 => EventKind::Receive,
            24 => EventKind::WantNotification,
            25 => EventKind::Notify,
            26 => EventKind::WaitOver,
            27 => EventKind::Unsent,
            _ => return None,
        })
    }
}

/// Where in the code it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Site {
    /// A stack, by its index in [`Stacks`].
    Stack(u32),
    /// The address of a `Location` of the cells' `std`.
    Location(u64),
}

/// A recorded event.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// Since the cell began, in nanoseconds.
    pub time: u64,
    pub kind: EventKind,
    pub process: i32,
    pub thread: i32,
    pub subject: u64,
    pub value: u64,
    pub site: Option<Site>,
}

impl Event {
    /// Returns the part of a thread's name in this event.
    pub fn name(&self) -> [[u8; 8]; 2] {
        [self.subject, self.value].map(u64::to_le_bytes)
    }
}
