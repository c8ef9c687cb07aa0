//! What the C library's functions do in a run of an explored cell.

use super::memory;
use super::unwind::{self, Frame};
use crate::runtime::schedule;
use crate::runtime::schedule::board::STACK_DEPTH;
use libc::{c_int, c_long};

/// The function of a thread.
pub type Start = extern "C" fn(*mut libc::c_void) -> *mut libc::c_void;

/// A futex(2) in a run of an explored cell; `None` for the system to make it.
///
/// # Safety
/// As futex(2).
pub unsafe fn futex([word, operation, value, timeout, ..]: [usize; 6]) -> Option<c_long> {
    let is_private = operation as c_int & libc::FUTEX_PRIVATE_FLAG != 0;
    match operation as c_int & libc::FUTEX_CMD_MASK {
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => {
            // SAFETY: the caller's promise.
            unsafe { schedule::futex_wait(word, value as u32, timeout != 0, is_private) }
        }
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            let woken = schedule::futex_wake(word, value as u32, is_private)?;
            // Threads that are not planned wait in the system.
            (woken as usize == value).then_some(woken)
        }
        _ => None,
    }
}

/// Makes a step of an explored run that only lets others go on. Returns false if this is none.
pub fn yields(frame: Frame) -> bool {
    let is_planned = schedule::is_planned();
    if is_planned {
        schedule::local_step(schedule::Kind::Yield, 0, &stack(frame));
    }
    is_planned
}

/// Returns where the function of this frame and its callers go on.
pub fn stack(frame: Frame) -> Vec<u64> {
    unwind::walk(memory::this_process(), frame, STACK_DEPTH)
}

/// Adds a thread to an explored run, or the first one of a process. Returns its index; `None` if this is no such run.
pub fn add_thread(frame: Frame, is_process: bool) -> Option<usize> {
    let is_planned = schedule::is_planned();
    is_planned
        .then(|| schedule::spawn(&stack(frame), is_process))
        .flatten()
}

/// What a thread of an explored run does.
struct Planned {
    start: Start,
    argument: *mut libc::c_void,
    index: usize,
}

/// Starts the thread of this index by `create`, which takes a function and what that takes, and returns the thread or an error's number.
pub fn start_thread(
    index: usize,
    start: Start,
    argument: *mut libc::c_void,
    create: impl FnOnce(Start, *mut libc::c_void) -> Result<libc::pthread_t, c_int>,
) -> c_int {
    let planned = Box::into_raw(Box::new(Planned {
        start,
        argument,
        index,
    }));
    match create(run_planned, planned.cast()) {
        Ok(thread) => {
            schedule::spawned(index, thread, None);
            0
        }
        Err(error) => {
            schedule::not_spawned(index);
            // SAFETY: no thread has it, and it came from `into_raw`.
            drop(unsafe { Box::from_raw(planned) });
            error
        }
    }
}

extern "C" fn run_planned(planned: *mut libc::c_void) -> *mut libc::c_void {
    // SAFETY: `start_thread` gives each thread a box of its own.
    let Planned {
        start,
        argument,
        index,
    } = *unsafe { Box::from_raw(planned.cast::<Planned>()) };
    schedule::start(index);
    let result = start(argument);
    schedule::end();
    result
}
