//! Whether a writer waits for room before it leaves items to the feeder.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// The longest such wait.
pub(super) const MAX_ROOM_WAIT: Duration = Duration::from_millis(1);

/// As long as readers keep up, it is faster to wait for them than to leave items to a thread: those are copied once
/// more, and their number is unlimited. When no one reads, the writer must not wait. So after a wait that did not help,
/// the next ones are skipped for a number of items, which doubles each time. All counts are hints, so races between
/// threads do no harm.
#[derive(Default)]
pub(super) struct Backoff {
    /// For how many more items to skip the wait.
    skip: AtomicU32,
    /// For how many items it was skipped after the last wait that did not help.
    skipped: AtomicU32,
}

impl Backoff {
    const MAX_SKIPPED: u32 = 1 << 16;

    /// Returns whether to wait if there is no room.
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
