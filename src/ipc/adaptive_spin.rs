//! How long to spin for an answer before sleeping.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A spin whose length adapts to how long the last waits took.
///
/// Sleeping and being woken takes longer than most answers, above all when the processor goes idle in between. But
/// while the other side itself waits for a processor, spinning only delays it. So a wait spins twice as long as the
/// last ones needed, and half as long after each that did not help. If neither side spins, each finds the other asleep,
/// and short spins find nothing. So every so often a wait probes with the maximum, which is as long as it takes to wake
/// a thread: then the other side finds this one awake.
pub(crate) struct AdaptiveSpin {
    max_spins: u32,
    spins: AtomicU32,
    /// Waits since the last probe.
    waits: AtomicU32,
    /// After how many waits the next probe comes.
    interval: AtomicU32,
}

const MIN_PROBE_INTERVAL: u32 = 64;
const MAX_PROBE_INTERVAL: u32 = 1024;

impl AdaptiveSpin {
    /// Creates a spin of at most `max_spins` checks, which should take about 50 µs.
    pub(crate) const fn new(max_spins: u32) -> Self {
        Self {
            max_spins,
            spins: AtomicU32::new(max_spins),
            waits: AtomicU32::new(0),
            interval: AtomicU32::new(MIN_PROBE_INTERVAL),
        }
    }

    /// Spins until `done`, for a while. Returns whether it was done. All counts are only hints, so races between
    /// threads do no harm.
    pub(crate) fn spin_until(&self, mut done: impl FnMut() -> bool) -> bool {
        let (spins, interval) = (self.spins.load(Relaxed), self.interval.load(Relaxed));
        let waits = self.waits.load(Relaxed) + 1;
        let probe = waits >= interval;
        self.waits.store(if probe { 0 } else { waits }, Relaxed);
        let found = (1..=if probe { self.max_spins } else { spins }).find(|_| {
            std::hint::spin_loop();
            done()
        });
        let next = match found {
            // Shorten gradually: an answer that came at once does not mean that the next one will.
            Some(tries) => (2 * tries + 8).max(spins - spins / 8).min(self.max_spins),
            None => spins / 2,
        };
        self.spins.store(next, Relaxed);
        if probe {
            let next = if found.is_some() {
                MIN_PROBE_INTERVAL
            } else {
                (2 * interval).min(MAX_PROBE_INTERVAL)
            };
            self.interval.store(next, Relaxed);
        }
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits for something that is done at the n-th check (0: never). Returns how many checks it took.
    fn wait(spin: &AdaptiveSpin, at: u32) -> u32 {
        let mut tries = 0;
        let found = spin.spin_until(|| {
            tries += 1;
            tries == at
        });
        assert_eq!(found, at > 0 && tries == at);
        tries
    }

    #[test]
    fn looks_get_fewer_while_they_do_not_help_and_follow_what_is_needed() {
        let spin = AdaptiveSpin::new(400);
        assert_eq!([0; 5].map(|at| wait(&spin, at)), [400, 200, 100, 50, 25]);
        assert_eq!(wait(&spin, 10), 10);
        assert_eq!(wait(&spin, 0), 28);
        assert_eq!([0; 4].map(|at| wait(&spin, at)), [14, 7, 3, 1]);
        for _ in 12..MIN_PROBE_INTERVAL {
            assert_eq!(wait(&spin, 0), 0);
        }
        assert_eq!(wait(&spin, 300), 300, "all spins are tried again");
        assert_eq!(wait(&spin, 399), 399, "and used, since that helped");
    }

    #[test]
    fn all_are_tried_more_and_more_seldom_while_that_does_not_help() {
        let spin = AdaptiveSpin::new(40);
        let waits_to_probe = || 1 + (0..).take_while(|_| wait(&spin, 0) < 40).count() as u32;
        assert_eq!(waits_to_probe(), 1, "the first");
        assert_eq!(waits_to_probe(), MIN_PROBE_INTERVAL - 1);
        let next = [(); 6].map(|()| waits_to_probe());
        assert_eq!(next, [128, 256, 512, 1024, 1024, 1024]);
    }
}
