//! The steps of an explored cell's threads.

/// What a step does. The numbers are those of the library for explored cells (`explored_std/steps.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    Load = 1,
    Store = 2,
    Update = 3,
    Lock = 4,
    LockShared = 5,
    TryLockFailed = 6,
    Unlock = 7,
    Send = 8,
    Receive = 9,
    /// Releases a lock to wait for a condition; the thread is in the list of those who wait afterwards.
    Wait = 10,
    NotifyOne = 11,
    NotifyAll = 12,
    Arrive = 13,
    Print = 14,
    Yield = 15,
    Close = 16,
    /// Takes the lock again after it was notified.
    Relock = 17,
    Start = 18,
    Spawn = 19,
    Join = 20,
    End = 21,
    /// Waits in a futex(2), for another thread to wake it.
    Futex = 22,
    /// There was no message, and the thread did not wait for one.
    ReceiveFailed = 23,
    SetEvent = 24,
    ClearEvent = 25,
    /// Looks whether an event is set, and waits in a futex(2) if it is not.
    WaitEvent = 26,
    /// Takes a permit of a semaphore.
    Acquire = 27,
    AcquireFailed = 28,
    /// Returns permits to a semaphore.
    Release = 29,
    /// Ends the waits at a barrier with an error.
    Break = 30,
    /// Its message has a stream of its own, so other threads do not notice it.
    Panic = 31,
    /// Initialises something once, waits in a futex(2) until another thread has, or finds it done.
    Initialize = 32,
}

impl Kind {
    const ALL: [Kind; 32] = [
        Kind::Load,
        Kind::Store,
        Kind::Update,
        Kind::Lock,
        Kind::LockShared,
        Kind::TryLockFailed,
        Kind::Unlock,
        Kind::Send,
        Kind::Receive,
        Kind::Wait,
        Kind::NotifyOne,
        Kind::NotifyAll,
        Kind::Arrive,
        Kind::Print,
        Kind::Yield,
        Kind::Close,
        Kind::Relock,
        Kind::Start,
        Kind::Spawn,
        Kind::Join,
        Kind::End,
        Kind::Futex,
        Kind::ReceiveFailed,
        Kind::SetEvent,
        Kind::ClearEvent,
        Kind::WaitEvent,
        Kind::Acquire,
        Kind::AcquireFailed,
        Kind::Release,
        Kind::Break,
        Kind::Panic,
        Kind::Initialize,
    ];

    pub fn of_number(number: u32) -> Option<Kind> {
        Kind::ALL.get((number as usize).checked_sub(1)?).copied()
    }

    /// Whether the step touches nothing but the thread itself, so that it makes no difference when it is made.
    pub fn is_local(self) -> bool {
        use Kind::{End, Futex, Join, Panic, Spawn, Start, Yield};
        matches!(self, Start | Spawn | Join | End | Yield | Futex | Panic)
    }
}

/// Whether a step can be made now.
pub type Probe = unsafe extern "C" fn(*const u8) -> bool;

/// A step that a thread wants to make (`explored_std/steps.rs`, `Step`).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Request {
    pub kind: u32,
    /// Whether it may be given up when nobody else can go on.
    pub is_timed: bool,
    pub is_weak: bool,
    /// Whether any process of the run may call the probe: it looks at memory that they share.
    pub is_shared: bool,
    /// The address of what it touches, or for a join the index of the thread.
    pub object: usize,
    /// A lock that it touches as well, or 0.
    pub lock: usize,
    /// The address of a `Location`, or 0.
    pub place: usize,
    pub probe: Option<Probe>,
    pub probed: *const u8,
    pub text: *const u8,
    pub length: usize,
}

impl Request {
    pub const fn new(kind: Kind, object: usize) -> Request {
        Request {
            kind: kind as u32,
            is_timed: false,
            is_weak: false,
            is_shared: false,
            object,
            lock: 0,
            place: 0,
            probe: None,
            probed: std::ptr::null(),
            text: std::ptr::null(),
            length: 0,
        }
    }
}
