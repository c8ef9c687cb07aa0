//! How long waiters spin and sleep.

use std::time::{Duration, Instant};

use crate::notebook::steps;

/// The longest sleep. After each, a waiter checks for itself whether what it waits for has happened (the waiter that
/// was woken for it may have been killed), and whether the processes it waits for still live.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Checks before a waiter goes to sleep. The pauses between them double and add up to a short critical section: a
/// waiter that checks all the time takes the memory away from the thread that it waits for.
const SPIN_ROUNDS: u32 = 7;

/// Spins until `done`, but only briefly. Returns whether it was done.
pub(crate) fn spin_until(mut done: impl FnMut() -> bool) -> bool {
    for round in 0..SPIN_ROUNDS {
        if done() {
            return true;
        }
        for _ in 0..1 << round {
            std::hint::spin_loop();
        }
    }
    false
}

/// Returns when a wait that begins now times out. None: beyond what the clock can represent, so never.
pub(crate) fn deadline(limit: Duration) -> Option<Instant> {
    Instant::now().checked_add(limit)
}

/// Returns how long the next sleep may be. None: the deadline has passed.
pub(crate) fn next_timeout(deadline: Option<Instant>) -> Option<Duration> {
    let Some(deadline) = deadline else {
        return Some(POLL_INTERVAL);
    };
    let left = deadline.saturating_duration_since(Instant::now());
    (!left.is_zero()).then_some(left.min(POLL_INTERVAL))
}

/// Sleeps by `futex_wait`, which takes a limit and returns whether it was woken. Returns false if the deadline has passed; otherwise the
/// caller checks again what it waits for.
///
/// In a cell that is explored, time does not pass: a wait with a deadline ends without a wake-up when no other thread can go on.
pub(crate) fn sleep(deadline: Option<Instant>, futex_wait: impl FnOnce(Duration) -> bool) -> bool {
    if steps::is_explored() {
        return futex_wait(POLL_INTERVAL) || deadline.is_none();
    }
    let Some(timeout) = next_timeout(deadline) else {
        return false;
    };
    futex_wait(timeout);
    true
}
