//! Loops that wait for another thread by looking again and again, or that only seem to.
//!
//! A thread that seems to be in one lets others go first, so that the run comes to an end. That leaves out orders, which is told.

use super::board::{State, Thread, bit};
use super::step::Kind;

/// A thread whose last steps add up to this seems to wait in a loop: others go first.
const SPINS: u32 = 60;

/// A step in such a loop: a sleep, a look that sees what the last one saw, or a failed attempt.
pub const SPIN: u32 = 10;

/// A lock taken once more at the same place may be one too; a loop that counts under a lock looks the same, so it takes more of them.
pub const LOCKED_AGAIN: u32 = 2;

/// After so many sleeps others go first.
const MAX_RESTS: u32 = 6;

/// Notes that these threads could go on, and do not because they seem to wait in loops.
pub fn note_left_out(state: &mut State, threads: u64) {
    if !state.left_out {
        let thread = &state.threads[threads.trailing_zeros() as usize];
        state.left_out_at = (thread.wanted.place, thread.stack);
        state.left_out = true;
    }
}

/// Whether a thread that makes such a step does not merely wait. What others turn out to be is known with their results.
pub fn is_progress(kind: Kind) -> bool {
    use Kind::{Arrive, Break, NotifyAll, NotifyOne, Panic, Print, Release, Send, Spawn, Store};
    matches!(
        kind,
        Store | Send | NotifyOne | NotifyAll | Arrive | Break | Print | Panic | Release | Spawn
    )
}

/// Another thread has made a step, so those that wait for one may look again, once.
pub fn calm(state: &mut State, threads: u64) {
    let count = state.thread_count;
    for (index, thread) in state.threads[..count].iter_mut().enumerate() {
        if threads & bit(index) != 0 {
            thread.spins = thread.spins.min(SPINS - SPIN);
            thread.rests = thread.rests.min(MAX_RESTS - 1);
        }
    }
}

impl Thread {
    /// Whether the thread seems to be in a loop that waits for another one, so that others go first.
    pub fn spins(&self) -> bool {
        use Kind::{Acquire, Load, Lock, LockShared, Receive, Update, Yield};
        let looks = matches!(
            self.kind(),
            Acquire | Load | Lock | LockShared | Receive | Update | Yield
        );
        let rests = self.kind() == Yield && self.rests >= MAX_RESTS;
        looks && self.spins >= SPINS || rests
    }
}
