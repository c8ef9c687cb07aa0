//! Whether to wait a moment for room before items are left to the feeder.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// The longest such wait.
pub(super) const MAX_ROOM_WAIT: Duration = Duration::from_millis(1);

/// As long as readers keep up, a writer that waits for them is faster than one that keeps items for a thread: those are copied once
/// more, and there is no end to their number. When no one reads, it must not wait. So a wait that did not help
/// is not tried again for a number of items, which doubles each time. All counts are hints, so threads may get in each other's way.
#[derive(Default)]
pub(super) struct Backoff {
    /// Items for which no wait is tried.
    skip: AtomicU32,
    /// How many that were after the last wait that did not help.
    skipped: AtomicU32,
}

impl Backoff {
    const MAX_SKIPPED: u32 = 1 << 16;

    /// Whether to wait for room, should there be none.
    pub(super) fn may_wait(&self) -> bool {
        match self.skip.load(Relaxed) {
            0 => true,
            n => {
                self.skip.store(n - 1, Relaxed);
                false
            }
        }
    }

    pub(super) fn record_wait(&self, it_helped: bool) {
        let skip = match it_helped {
            true => 0,
            false => (2 * self.skipped.load(Relaxed) + 1).min(Self::MAX_SKIPPED),
        };
        self.skip.store(skip, Relaxed);
        self.skipped.store(skip, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_get_rare_while_they_do_not_help() {
        let backoff = Backoff::default();
        let items_to_the_next_wait = || (0..).take_while(|_| !backoff.may_wait()).count();
        let mut counts = Vec::new();
        for _ in 0..4 {
            counts.push(items_to_the_next_wait());
            backoff.record_wait(false);
        }
        assert_eq!(counts, [0, 1, 3, 7]);
        backoff.record_wait(true);
        assert_eq!(items_to_the_next_wait(), 0);
        (0..40).for_each(|_| backoff.record_wait(false));
        assert_eq!(items_to_the_next_wait(), 65_536);
    }
}
