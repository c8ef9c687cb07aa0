//! Tells the kernel what happens to locks, queues and values while a cell is watched.

use std::ffi::c_void;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

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

type Switch = unsafe extern "C" fn() -> *const AtomicBool;
type Record = unsafe extern "C" fn(kind: u32, subject: usize, is_shared: bool, place: usize);
type Begin = unsafe extern "C" fn(address: usize, is_shared: bool) -> usize;
type End = unsafe extern "C" fn(number: usize, access: u32, place: usize);

static SWITCH: Symbol = Symbol::new(c"threadbook_watch_switch");
static RECORD: Symbol = Symbol::new(c"threadbook_watch_event");
static BEGIN: Symbol = Symbol::new(c"threadbook_watch_access");
static END: Symbol = Symbol::new(c"threadbook_watch_accessed");

/// Records what happens to the object at an address in memory that processes share.
#[inline]
pub(crate) fn record(event: Event, subject: usize, place: Place) {
    if is_on() {
        record_event(event, subject, address_of(place));
    }
}

/// Likewise, without a place.
#[inline]
pub(crate) fn record_anywhere(event: Event, subject: usize) {
    if is_on() {
        record_event(event, subject, 0);
    }
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
    let received = receive();
    if received.is_ok()
        && let Some(channel) = channel
    {
        record(Event::Receive, channel, place);
    }
    received
}

/// Makes an access to the value at an address in memory that processes share.
#[inline]
pub(crate) fn access<R>(
    address: usize,
    access: Access,
    place: Place,
    make: impl FnOnce() -> R,
) -> R {
    if !is_on() {
        return make();
    }
    let number = begin_access(address);
    let result = make();
    end_access(number, access, place);
    result
}

#[cold]
fn begin_access(address: usize) -> usize {
    BEGIN.find().map_or(0, |begin| {
        // SAFETY: the kernel's function of this name has this signature, and stays loaded.
        let begin = unsafe { std::mem::transmute::<*mut c_void, Begin>(begin) };
        // SAFETY: it takes numbers.
        unsafe { begin(address, true) }
    })
}

#[cold]
fn end_access(number: usize, access: Access, place: Place) {
    if let Some(end) = END.find() {
        // SAFETY: the kernel's function of this name has this signature, and stays loaded.
        let end = unsafe { std::mem::transmute::<*mut c_void, End>(end) };
        // SAFETY: it takes numbers, and the address of a location, which is a constant.
        unsafe { end(number, access as u32, address_of(place)) }
    }
}

fn address_of(place: Place) -> usize {
    (&raw const *place).expose_provenance()
}

/// Whether a cell is watched.
#[inline]
fn is_on() -> bool {
    let Some(switch) = SWITCH.find() else {
        return false;
    };
    // SAFETY: the kernel's function of this name has this signature, and stays loaded.
    let switch = unsafe { std::mem::transmute::<*mut c_void, Switch>(switch) };
    // SAFETY: it takes nothing, and returns null or the address of a flag that is never removed.
    let switch = unsafe { switch().as_ref() };
    switch.is_some_and(|switch| switch.load(Relaxed))
}
