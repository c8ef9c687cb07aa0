//! Threads and processes that a cell starts.

use super::next::next;
use crate::runtime::schedule;
use crate::runtime::waits::event::EventKind;
use crate::runtime::waits::planned::{self, Start};
use crate::runtime::waits::unwind::Caller;
use crate::runtime::waits::{events, names};
use libc::{c_int, pid_t, pthread_t};
use std::sync::atomic::AtomicPtr;

/// What a thread does that is prepared first.
struct Prepared {
    start: Start,
    argument: *mut libc::c_void,
    /// In a watched cell: the number of its start.
    spawn: Option<u64>,
    /// Whether it would have the name of the thread that starts it.
    inherits_name: bool,
}

/// pthread_create(3), called by `caller`.
///
/// # Safety
/// As pthread_create(3).
pub unsafe extern "C" fn create(
    thread: *mut pthread_t,
    attributes: *const libc::pthread_attr_t,
    start: Start,
    argument: *mut libc::c_void,
    caller: &Caller,
) -> c_int {
    static NEXT: AtomicPtr<libc::c_void> = AtomicPtr::new(std::ptr::null_mut());
    type Create = unsafe extern "C" fn(
        *mut pthread_t,
        *const libc::pthread_attr_t,
        Start,
        *mut libc::c_void,
    ) -> c_int;
    let Some(next) = next(&NEXT, c"pthread_create") else {
        return libc::ENOSYS;
    };
    // SAFETY: the C library's own function, of this type.
    let next = unsafe { std::mem::transmute::<*mut libc::c_void, Create>(next) };
    let spawn = events::is_on().then(events::spawn_number);
    if let Some(spawn) = spawn {
        events::record_at(EventKind::Spawn, spawn, 0, Some(caller.frame()));
    }
    let inherits_name = names::has_name();
    let prepared = (spawn.is_some() || inherits_name).then(|| {
        Box::into_raw(Box::new(Prepared {
            start,
            argument,
            spawn,
            inherits_name,
        }))
    });
    let (start, argument): (Start, _) = match prepared {
        Some(prepared) => (run_prepared, prepared.cast()),
        None => (start, argument),
    };
    let create = |start: Start, argument| {
        // SAFETY: the caller's promise is the condition, with a function and what it takes.
        match unsafe { next(thread, attributes, start, argument) } {
            // SAFETY: pthread_create(3) has filled it in.
            0 => Ok(unsafe { *thread }),
            error => Err(error),
        }
    };
    let error = match planned::add_thread(caller.frame(), false) {
        Some(index) => planned::start_thread(index, start, argument, create),
        None => create(start, argument).err().unwrap_or(0),
    };
    if let Some(prepared) = prepared.filter(|_| error != 0) {
        // SAFETY: no thread has it, and it came from `into_raw`.
        drop(unsafe { Box::from_raw(prepared) });
    }
    error
}

extern "C" fn run_prepared(prepared: *mut libc::c_void) -> *mut libc::c_void {
    // SAFETY: `create` gives each thread a box of its own.
    let Prepared {
        start,
        argument,
        spawn,
        inherits_name,
    } = *unsafe { Box::from_raw(prepared.cast::<Prepared>()) };
    if inherits_name {
        names::remove();
    }
    let Some(spawn) = spawn else {
        return start(argument);
    };
    // SAFETY: pthread_self(3) takes nothing.
    let handle = unsafe { libc::pthread_self() };
    events::record_at(EventKind::Begin, spawn, handle, None);
    let result = start(argument);
    events::record_end();
    result
}

/// fork(2), called by `caller`.
///
/// # Safety
/// As fork(2).
pub unsafe extern "C" fn fork(caller: &Caller) -> c_int {
    static NEXT: AtomicPtr<libc::c_void> = AtomicPtr::new(std::ptr::null_mut());
    let Some(next) = next(&NEXT, c"fork") else {
        return -1;
    };
    let planned = planned::add_thread(caller.frame(), true);
    let spawn = events::spawn_number();
    events::record_at(EventKind::Spawn, spawn, 0, Some(caller.frame()));
    // SAFETY: the C library's own function, of this type.
    let child =
        unsafe { std::mem::transmute::<*mut libc::c_void, extern "C" fn() -> pid_t>(next) }();
    match (child, planned) {
        (0, None) => events::record_at(EventKind::Begin, spawn, 0, None),
        (0, Some(index)) => schedule::start_process(index),
        (-1, Some(index)) => schedule::not_spawned(index),
        (child, Some(index)) => schedule::spawned(index, 0, Some(child)),
        (_, None) => {}
    }
    child
}
