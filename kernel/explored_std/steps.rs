//! A step: what a thread is about to do to something that threads share. The runtime says when.

use std::panic::Location;

/// What a step does. The numbers are those of the runtime (`src/runtime/schedule/step.rs`).
#[derive(Clone, Copy)]
pub enum Kind {
    Load = 1,
    Store = 2,
    /// Reads and writes at once.
    Update = 3,
    Lock = 4,
    LockShared = 5,
    TryLockFailed = 6,
    Unlock = 7,
    Send = 8,
    Receive = 9,
    /// Releases a lock to wait for a condition.
    Wait = 10,
    NotifyOne = 11,
    NotifyAll = 12,
    Arrive = 13,
    Print = 14,
    /// Drops an end of a channel.
    Close = 16,
    /// Takes the lock again that was released for a condition.
    Relock = 17,
    ReceiveFailed = 23,
    /// Initialises something once, waits until another thread has, or finds it done.
    Initialize = 32,
}

pub type Place = &'static Location<'static>;

/// Whether the step can be made now, by the address of what it is about.
pub type Probe = unsafe extern "C" fn(*const u8) -> bool;

/// A step, as the runtime reads it.
#[repr(C)]
pub struct Step {
    kind: u32,
    /// Whether it may be given up when nobody else can go on: then its time is over.
    is_timed: bool,
    /// Whether it is an access with an order weaker than `SeqCst`.
    is_weak: bool,
    /// Whether any process may call the probe.
    is_shared: bool,
    object: usize,
    /// The lock that a [`Kind::Wait`] releases, or 0.
    lock: usize,
    /// The address of a [`Place`].
    place: usize,
    probe: Option<Probe>,
    /// What the probe is called with.
    probed: *const u8,
    /// What is printed.
    text: *const u8,
    length: usize,
}

unsafe extern "C" {
    /// Returns when the step is to be made; `false` if its time is over instead.
    fn threadbook_explore_step(step: &Step) -> bool;
    /// Says what the last step of the calling thread was in the end, and what it read and wrote, as the halves of 128 bits.
    safe fn threadbook_explore_result(kind: u32, from: u64, from_high: u64, to: u64, to_high: u64);
}

impl Step {
    pub fn new(kind: Kind, object: usize, place: Place) -> Step {
        Step {
            kind: kind as u32,
            is_timed: false,
            is_weak: false,
            is_shared: false,
            object,
            lock: 0,
            place: (&raw const *place).addr(),
            probe: None,
            probed: std::ptr::null(),
            text: std::ptr::null(),
            length: 0,
        }
    }

    /// A step that the cell's code does not show, such as the drop of a guard.
    pub fn nowhere(kind: Kind, object: usize) -> Step {
        Step { place: 0, ..Step::new(kind, object, Location::caller()) }
    }

    /// `lock` is released by the step.
    pub fn releasing(self, lock: usize) -> Step {
        Step { lock, ..self }
    }

    pub fn weak(self, is_weak: bool) -> Step {
        Step { is_weak, ..self }
    }

    pub fn timed(self, is_timed: bool) -> Step {
        Step { is_timed, ..self }
    }

    /// Waits for the turn to make a step that is always possible.
    pub fn wait(&self) {
        // SAFETY: the step has neither a probe nor a text.
        unsafe { threadbook_explore_step(self) };
    }

    /// Waits for the turn to print a text.
    pub fn wait_to_print(self, text: &str) {
        let step = Step { text: text.as_ptr(), length: text.len(), ..self };
        // SAFETY: the text lives until the call returns.
        unsafe { threadbook_explore_step(&step) };
    }

    /// Waits until `is_possible`, and for the turn. Returns false if the step's time is over instead.
    ///
    /// Other threads call `is_possible` meanwhile, one at a time, while this one waits.
    pub fn wait_until(self, is_possible: impl Fn() -> bool) -> bool {
        let step = Step {
            probe: Some(probe_of(&is_possible)),
            probed: (&raw const is_possible).cast(),
            ..self
        };
        // SAFETY: the probe is that of the closure, which lives until the call returns.
        unsafe { threadbook_explore_step(&step) }
    }
}

fn probe_of<F: Fn() -> bool>(_: &F) -> Probe {
    /// # Safety
    /// `closure` is the address of an `F`.
    unsafe extern "C" fn call<F: Fn() -> bool>(closure: *const u8) -> bool {
        // SAFETY: the caller's promise.
        unsafe { (*closure.cast::<F>())() }
    }
    call::<F>
}

/// Says what the last step of this thread was in the end.
pub fn became(kind: Kind) {
    threadbook_explore_result(kind as u32, 0, 0, 0, 0);
}

/// Says also what it read and what it wrote.
pub fn accessed(kind: Kind, from: i128, to: i128) {
    let (low, high) = (|value: i128| value as u64, |value: i128| (value >> 64) as u64);
    threadbook_explore_result(kind as u32, low(from), high(from), low(to), high(to));
}
