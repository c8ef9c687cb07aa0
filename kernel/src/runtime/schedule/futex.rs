//! Waits in a futex(2), by which `std` and crates wait for all else.

use super::board::ThreadState;
use super::step::{Kind, Request};
use super::turn::{pass_on, planned, process, want};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Acquire;

/// Notes whether the calling thread waits in a loop of short waits that only another thread ends.
pub fn set_patient(is_patient: bool) {
    if let Some((board, index)) = planned() {
        // SAFETY: a thread that comes here has the turn.
        unsafe { board.state() }.threads[index].is_patient = is_patient;
    }
}

/// Has the calling thread wait in a futex(2) until it is woken; `None` if its steps are not planned. Returns the result of the system call.
///
/// # Safety
/// `word` is the address of an aligned 32-bit word that can be read.
pub unsafe fn futex_wait(
    word: usize,
    expected: u32,
    is_timed: bool,
    is_private: bool,
) -> Option<libc::c_long> {
    let (board, index) = planned()?;
    // SAFETY: the caller's promise.
    let word_now = unsafe { &*std::ptr::with_exposed_provenance::<AtomicU32>(word) };
    if word_now.load(Acquire) != expected {
        return Some(-libc::c_long::from(libc::EAGAIN));
    }
    // SAFETY: a thread that comes here has the turn, and the reference ends before it gives the turn away.
    let state = unsafe { board.state() };
    let request = Request {
        is_timed: is_timed && !state.threads[index].is_patient,
        lock: owner(is_private),
        ..Request::new(Kind::Futex, word)
    };
    want(state, index, request, &[]);
    pass_on(board, Some(index));
    // SAFETY: it is the turn of this thread again.
    let thread = unsafe { &mut board.state().threads[index] };
    let is_timed_out = std::mem::take(&mut thread.is_timed_out);
    Some(match is_timed_out {
        true => -libc::c_long::from(libc::ETIMEDOUT),
        false => 0,
    })
}

/// Wakes up to `most` threads of this run that wait in a futex(2). Returns how many; `None` if the calling thread's steps are not planned.
pub fn futex_wake(word: usize, most: u32, is_private: bool) -> Option<libc::c_long> {
    let (board, _) = planned()?;
    // SAFETY: a thread that comes here has the turn.
    let state = unsafe { board.state() };
    let count = state.thread_count;
    let waiting = state.threads[..count].iter_mut().filter(|thread| {
        thread.state == ThreadState::Wants
            && thread.kind() == Kind::Futex
            && thread.wanted.object == word
            && thread.wanted.lock == owner(is_private)
            && !thread.is_woken
    });
    let mut woken = 0;
    for thread in waiting.take(most as usize) {
        thread.is_woken = true;
        woken += 1;
    }
    Some(woken)
}

/// Returns the process that a futex belongs to, or 0 if processes share it.
fn owner(is_private: bool) -> usize {
    match is_private {
        true => process() as usize,
        false => 0,
    }
}
