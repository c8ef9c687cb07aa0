//! How long waiters spin and sleep.

use std::time::{Duration, Instant};

/// The longest sleep. After each, a waiter looks for itself: whether what it waits for is there (the one that was woken
/// for it may have been killed), and whether those it waits for still live.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Looks before a waiter goes to sleep. The pauses between them double, to a short critical section in all: one that looks all
/// the time takes the memory away from the one it waits for.
const SPIN_ROUNDS: u32 = 7;

/// Tries for a moment. Whether it came true.
pub(crate) fn spin_until(mut done: impl FnMut() -> bool) -> bool {
    for look in 0..SPIN_ROUNDS {
        if done() {
            return true;
        }
        for _ in 0..1 << look {
            std::hint::spin_loop();
        }
    }
    false
}

/// When a wait that begins now and may take `limit` is over. None: longer than the clock can say, so never.
pub(crate) fn deadline(limit: Duration) -> Option<Instant> {
    Instant::now().checked_add(limit)
}

/// How long the next sleep may be. None: the deadline has passed.
pub(crate) fn next_timeout(deadline: Option<Instant>) -> Option<Duration> {
    let Some(deadline) = deadline else {
        return Some(POLL_INTERVAL);
    };
    let left = deadline.saturating_duration_since(Instant::now());
    (!left.is_zero()).then_some(left.min(POLL_INTERVAL))
}
