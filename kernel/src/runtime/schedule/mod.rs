//! Runs the threads of an explored cell one at a time, in an order that is planned.
//!
//! A run is a process of its own, which the explorer forks. Each of its threads asks here before it makes a step on something that threads
//! share, and goes on when it is its turn; what it does up to its next step touches nothing that is shared. The thread that has the turn
//! decides who gets it next ([`order`]), so there is no further thread.
//!
//! Steps come from the library for explored cells, and from the C library's functions that the runtime defines once more
//! (`waits/interposed.rs`): threads that are started and joined, sleeps, and waits in a futex(2), by which all else in `std` and in crates
//! waits. A thread that waits in a futex gives its turn away instead, and is woken here.

pub mod board;
mod futex;
mod loops;
mod order;
mod step;
mod threads;
mod turn;

pub use futex::{futex_wait, futex_wake, set_patient};
pub use order::{draw, sequence};
pub use step::{Kind, Request};
pub use threads::{
    begin, end, end_of_cell, end_process, join, join_process, not_spawned, spawn, spawned, start,
    start_process,
};
pub use turn::{is_on, is_planned, local_step};
use turn::{pass_on, planned, want};

/// Waits for the calling thread's turn to make a step. Returns false if the step's time is over instead.
///
/// # Safety
/// The request's probe can be called with what it is about, and the text can be read, until this returns.
pub unsafe extern "C" fn step(request: &Request) -> bool {
    let Some((board, index)) = planned() else {
        return true;
    };
    // SAFETY: a thread that comes here has the turn, and the reference ends before it gives the turn away.
    let state = unsafe { board.state() };
    want(state, index, *request, &[]);
    pass_on(board, Some(index));
    // SAFETY: it is the turn of this thread again.
    let thread = unsafe { &mut board.state().threads[index] };
    !std::mem::take(&mut thread.is_timed_out)
}

/// Notes that the calling thread panics with a message. `place` is the address of a `Location`, or 0.
///
/// # Safety
/// `message` is the address of this many bytes.
pub unsafe extern "C" fn panic(place: usize, message: *const u8, length: usize) {
    let request = Request {
        place,
        text: message,
        length,
        ..Request::new(Kind::Panic, 0)
    };
    // SAFETY: there is no probe, and the caller promises the text.
    unsafe { step(&request) };
}

/// Notes what the last step of the calling thread was in the end, and what it read and wrote, as the halves of 128 bits.
pub extern "C" fn result(kind: u32, from: u64, from_high: u64, to: u64, to_high: u64) {
    let (Some((board, index)), Some(kind)) = (planned(), Kind::of_number(kind)) else {
        return;
    };
    let number = |low: u64, high: u64| (u128::from(high) << 64 | u128::from(low)) as i128;
    // SAFETY: a thread that comes here has the turn.
    let state = unsafe { board.state() };
    order::result(
        state,
        index,
        kind,
        number(from, from_high),
        number(to, to_high),
    );
}
