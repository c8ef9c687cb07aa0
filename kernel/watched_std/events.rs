//! What is told to the kernel's runtime, which records it.

use std::panic::Location;

/// What happens to a lock, a condition or a channel. The numbers are those of the runtime (`src/runtime/waits/events.rs`).
#[derive(Clone, Copy)]
pub enum Event {
    /// The thread finds a lock taken, and is about to wait for it.
    WantLock = 16,
    /// The thread has a lock alone.
    Lock = 17,
    /// The thread shares a lock with other readers.
    LockShared = 18,
    /// The thread is about to send a message.
    Send = 20,
    /// The thread finds no room for a message, and is about to wait for it.
    WantRoom = 21,
    /// The thread finds no message, and is about to wait for one.
    WantMessage = 22,
    /// The thread has received a message.
    Receive = 23,
    /// The thread is about to wait for a condition.
    WantNotification = 24,
    /// The thread is about to notify a condition.
    Notify = 25,
    /// The thread no longer waits.
    WaitOver = 26,
}

const UNLOCK: u32 = 19;

/// What a thread does to a value in one step. The numbers are those of the runtime (`src/runtime/waits/accesses.rs`).
#[derive(Clone, Copy)]
pub enum Access {
    Load = 0,
    Store = 1,
    /// Reads and writes in one step.
    Update = 2,
}

pub type Place = &'static Location<'static>;

unsafe extern "C" {
    /// Records an event of the calling thread. `place` is the address of a [`Place`], or 0.
    safe fn threadbook_watch_event(kind: u32, subject: usize, is_shared: bool, place: usize);
    /// Begins an access to a value; returns a number for its end. Until then accesses of other threads to that value wait.
    safe fn threadbook_watch_access(address: usize, is_shared: bool) -> usize;
    safe fn threadbook_watch_accessed(number: usize, access: u32, place: usize);
}

/// Records what happens to the object with an identity, where the cell's code does it.
pub fn record(event: Event, subject: usize, place: Place) {
    threadbook_watch_event(event as u32, subject, false, (&raw const *place).addr());
}

/// Records that the calling thread is about to release a lock.
pub fn record_unlock(subject: usize) {
    threadbook_watch_event(UNLOCK, subject, false, 0);
}

/// Makes an access to the value at an address. `access` says what it was, by its result.
pub fn access<R>(
    address: usize,
    place: Place,
    access: impl FnOnce(&R) -> Access,
    make: impl FnOnce() -> R,
) -> R {
    let number = threadbook_watch_access(address, false);
    let result = make();
    threadbook_watch_accessed(number, access(&result) as u32, (&raw const *place).addr());
    result
}
