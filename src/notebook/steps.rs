//! The steps of events, semaphores, conditions and barriers: made at once, or when it is the thread's turn while a cell is explored.

use super::explored;
pub(crate) use super::explored::{Kind, Probe};
use super::switch::{EXPLORED, mode};
use super::watched::{Place, address_of};

/// Whether the cell is explored: run in many orders of its threads' steps.
#[inline]
pub(crate) fn is_explored() -> bool {
    mode() == EXPLORED
}

/// Waits for the turn to make a step on the object at an address in memory that processes share.
#[inline]
pub(crate) fn take_turn(kind: Kind, object: usize, place: Place) {
    if is_explored() {
        explored::step(kind, object, address_of(place));
    }
}

/// Likewise, also until `is_possible`, of the object's address, is true. Returns false if the step's time is over instead.
///
/// # Safety
/// `is_possible` can be called with that address, in every process that shares the object.
#[inline]
pub(crate) unsafe fn take_turn_until(
    kind: Kind,
    object: usize,
    place: Place,
    is_timed: bool,
    is_possible: Probe,
) -> bool {
    if !is_explored() {
        return true;
    }
    // SAFETY: the caller's promise.
    unsafe { explored::step_until(kind, object, address_of(place), is_timed, is_possible) }
}

/// Makes a step when it is the thread's turn. `make` returns its result, and the numbers that the object held before and after.
#[inline]
pub(crate) fn make<R>(
    kind: Kind,
    object: usize,
    place: Place,
    make: impl FnOnce() -> (R, u32, u32),
) -> R {
    take_turn(kind, object, place);
    let (result, from, to) = make();
    became(kind, from, to);
    result
}

/// Says what the last step of this thread was in the end, and the numbers that the object held before and after.
#[inline]
pub(crate) fn became(kind: Kind, from: u32, to: u32) {
    if is_explored() {
        explored::result(kind, from.into(), to.into());
    }
}
