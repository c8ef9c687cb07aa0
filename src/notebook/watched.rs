//! Tells the kernel what happens to locks, queues and values while a cell is watched, and asks it for turns while a cell is explored.

use std::ffi::c_void;
use std::panic::Location;

use super::explored::{self, Kind, Probe};
use super::switch::{EXPLORED, WATCHED, mode};
use super::symbol::Symbol;

/// What happens. The numbers are those of the kernel's runtime (`kernel/src/runtime/waits/events.rs`).
#[derive(Clone, Copy)]
pub(crate) enum Event {
    /// The thread is about to wait for a lock.
    WantLock = 16,
    Lock = 17,
    Unlock = 19,
    /// The thread is about to send a message.
    Send = 20,
    Receive = 23,
    /// The thread no longer waits.
    WaitOver = 26,
    /// The thread could not send the message after all.
    Unsent = 27,
}

/// What a thread does to a value (`kernel/src/runtime/waits/accesses.rs`).
#[derive(Clone, Copy)]
pub(crate) enum Access {
    Load = 0,
    Store = 1,
    /// Reads and writes in one step.
    Update = 2,
}

/// Where the caller's code does it.
pub(crate) type Place = &'static Location<'static>;

type Record = unsafe extern "C" fn(kind: u32, subject: usize, is_shared: bool, place: usize);
type Begin = unsafe extern "C" fn(address: usize, is_shared: bool) -> usize;
type End = unsafe extern "C" fn(number: usize, access: u32, place: usize);

static RECORD: Symbol = Symbol::new(c"threadbook_watch_event");
static BEGIN: Symbol = Symbol::new(c"threadbook_watch_access");
static END: Symbol = Symbol::new(c"threadbook_watch_accessed");

/// Records what happens to the object at an address in memory that processes share.
#[inline]
pub(crate) fn record(event: Event, subject: usize, place: Place) {
    match mode() {
        WATCHED => record_event(event, subject, address_of(place)),
        EXPLORED => take_turn(event, subject, address_of(place)),
        _ => {}
    }
}

/// Likewise, without a place.
#[inline]
pub(crate) fn record_anywhere(event: Event, subject: usize) {
    match mode() {
        WATCHED => record_event(event, subject, 0),
        EXPLORED => take_turn(event, subject, 0),
        _ => {}
    }
}

/// Waits for the turn to release a lock or to send a message. The turns for all else are taken before it is known how it goes.
#[cold]
fn take_turn(event: Event, subject: usize, place: usize) {
    match event {
        Event::Unlock => explored::step(Kind::Unlock, subject, place),
        Event::Send => explored::step(Kind::Send, subject, place),
        _ => {}
    }
}

/// Records that the thread releases a lock to wait for a condition. If the cell is explored, waits for the turn to do it.
#[inline]
pub(crate) fn record_release_to_wait(lock: usize, condition: usize, place: Place) {
    match mode() {
        WATCHED => record_event(Event::Unlock, lock, 0),
        EXPLORED => explored::wait_step(condition, lock, address_of(place)),
        _ => {}
    }
}

/// Waits for the turn to take a lock, if the cell is explored. Returns false if its time is over instead.
///
/// # Safety
/// `is_free` can be called with the lock's address, in every process that shares it.
#[inline]
pub(crate) unsafe fn lock_turn(
    subject: usize,
    place: Place,
    is_timed: bool,
    is_free: Probe,
) -> bool {
    if mode() != EXPLORED {
        return true;
    }
    // SAFETY: the caller's promise.
    let is_turn =
        unsafe { explored::step_until(Kind::Lock, subject, address_of(place), is_timed, is_free) };
    if !is_turn {
        explored::result(Kind::TryLockFailed, 0, 0);
    }
    is_turn
}

/// Waits for the turn to try to take a lock, if the cell is explored, and does it.
#[inline]
pub(crate) fn try_lock_turn(subject: usize, place: Place, try_lock: impl FnOnce() -> bool) -> bool {
    if mode() != EXPLORED {
        return try_lock();
    }
    explored::step(Kind::Lock, subject, address_of(place));
    let taken = try_lock();
    if !taken {
        explored::result(Kind::TryLockFailed, 0, 0);
    }
    taken
}

#[cold]
fn record_event(event: Event, subject: usize, place: usize) {
    if let Some(record) = RECORD.find() {
        // SAFETY: the kernel's function of this name has this signature, and stays loaded.
        let record = unsafe { std::mem::transmute::<*mut c_void, Record>(record) };
        // SAFETY: it takes numbers.
        unsafe { record(event as u32, subject, true, place) }
    }
}

/// Sends a message through the channel at an address, if it has one.
#[inline]
pub(crate) fn send<R, E>(
    channel: Option<usize>,
    place: Place,
    send: impl FnOnce() -> Result<R, E>,
) -> Result<R, E> {
    let Some(channel) = channel else {
        return send();
    };
    record(Event::Send, channel, place);
    let sent = send();
    if sent.is_err() {
        record(Event::Unsent, channel, place);
    }
    sent
}

/// Receives a message from the channel at an address, if it has one.
#[inline]
pub(crate) fn receive<R, E>(
    channel: Option<usize>,
    place: Place,
    receive: impl FnOnce() -> Result<R, E>,
) -> Result<R, E> {
    if let Some(channel) = channel
        && mode() == EXPLORED
    {
        explored::step(Kind::Receive, channel, address_of(place));
    }
    let received = receive();
    if received.is_ok()
        && let Some(channel) = channel
    {
        record(Event::Receive, channel, place);
    }
    received
}

/// Reads the value at an address in memory that processes share.
#[inline]
pub(crate) fn load<T: 'static>(address: usize, place: Place, load: impl FnOnce() -> T) -> T {
    match mode() {
        WATCHED => access(address, Access::Load, place, load),
        EXPLORED => explored::load(address, address_of(place), load),
        _ => load(),
    }
}

/// Writes the value at an address in memory that processes share. `store` returns the one that was there.
#[inline]
pub(crate) fn store<T: Copy + 'static>(
    address: usize,
    place: Place,
    value: T,
    store: impl FnOnce(T) -> T,
) {
    match mode() {
        EXPLORED => explored::store(address, address_of(place), value, store),
        WATCHED => {
            access(address, Access::Store, place, || store(value));
        }
        _ => {
            store(value);
        }
    }
}

/// Records an access that has been made under the value's lock.
#[inline]
pub(crate) fn record_access(address: usize, kind: Access, place: Place) {
    if mode() == WATCHED {
        access(address, kind, place, || ());
    }
}

#[cold]
fn access<R>(address: usize, access: Access, place: Place, make: impl FnOnce() -> R) -> R {
    let number = begin_access(address);
    let result = make();
    end_access(number, access, place);
    result
}

fn begin_access(address: usize) -> usize {
    BEGIN.find().map_or(0, |begin| {
        // SAFETY: the kernel's function of this name has this signature, and stays loaded.
        let begin = unsafe { std::mem::transmute::<*mut c_void, Begin>(begin) };
        // SAFETY: it takes numbers.
        unsafe { begin(address, true) }
    })
}

fn end_access(number: usize, access: Access, place: Place) {
    if let Some(end) = END.find() {
        // SAFETY: the kernel's function of this name has this signature, and stays loaded.
        let end = unsafe { std::mem::transmute::<*mut c_void, End>(end) };
        // SAFETY: it takes numbers, and the address of a location, which is a constant.
        unsafe { end(number, access as u32, address_of(place)) }
    }
}

pub(super) fn address_of(place: Place) -> usize {
    (&raw const *place).expose_provenance()
}
