//! How long to look for an answer before sleeping.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// To sleep and be woken takes longer than most answers, above all when the processor goes idle in between. But while the
/// other side waits for a processor itself, looking only keeps it waiting. So a wait takes twice the looks that the last ones
/// needed, and half as many after each that did not help.
///
/// When neither side looks, each finds the other asleep, and few looks find nothing. So every so often a wait tries all
/// looks, as many as it takes to wake someone: then the other side finds this one awake.
pub(crate) struct Patience {
    most: u32,
    usual: AtomicU32,
    /// Waits since all looks were tried.
    waits: AtomicU32,
    /// After how many waits that is done.
    interval: AtomicU32,
}

const SHORTEST: u32 = 64;
const LONGEST: u32 = 1024;

impl Patience {
    /// At most so many looks. They should take some 50 microseconds.
    pub(crate) const fn new(most: u32) -> Self {
        Self {
            most,
            usual: AtomicU32::new(most),
            waits: AtomicU32::new(0),
            interval: AtomicU32::new(SHORTEST),
        }
    }

    /// Looks for a while. Whether it was there. All counts are hints only, so threads may get in each other's way.
    pub(crate) fn look(&self, mut there: impl FnMut() -> bool) -> bool {
        let (usual, interval) = (self.usual.load(Relaxed), self.interval.load(Relaxed));
        let waits = self.waits.load(Relaxed) + 1;
        let all = waits >= interval;
        self.waits.store(if all { 0 } else { waits }, Relaxed);
        let found = (1..=if all { self.most } else { usual }).find(|_| {
            std::hint::spin_loop();
            there()
        });
        let next = match found {
            // Less by and by, since one that was found at once does not mean that the next will be.
            Some(looks) => (2 * looks + 8).max(usual - usual / 8).min(self.most),
            None => usual / 2,
        };
        self.usual.store(next, Relaxed);
        if all {
            let next = if found.is_some() {
                SHORTEST
            } else {
                (2 * interval).min(LONGEST)
            };
            self.interval.store(next, Relaxed);
        }
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wait for what is there at the n-th look (0: never). How many looks it took.
    fn wait(patience: &Patience, at: u32) -> u32 {
        let mut looks = 0;
        let found = patience.look(|| {
            looks += 1;
            looks == at
        });
        assert_eq!(found, at > 0 && looks == at);
        looks
    }

    #[test]
    fn looks_get_fewer_while_they_do_not_help_and_follow_what_is_needed() {
        let patience = Patience::new(400);
        assert_eq!(
            [0; 5].map(|at| wait(&patience, at)),
            [400, 200, 100, 50, 25]
        );
        assert_eq!(wait(&patience, 10), 10);
        assert_eq!(wait(&patience, 0), 28);
        assert_eq!([0; 4].map(|at| wait(&patience, at)), [14, 7, 3, 1]);
        for _ in 12..SHORTEST {
            assert_eq!(wait(&patience, 0), 0);
        }
        assert_eq!(wait(&patience, 300), 300, "all are tried again");
        assert_eq!(wait(&patience, 399), 399, "and used, since that helped");
    }

    #[test]
    fn all_are_tried_more_and_more_seldom_while_that_does_not_help() {
        let patience = Patience::new(40);
        let waits_to_all_looks =
            || 1 + (0..).take_while(|_| wait(&patience, 0) < 40).count() as u32;
        assert_eq!(waits_to_all_looks(), 1, "the first");
        assert_eq!(waits_to_all_looks(), SHORTEST - 1);
        let next = [(); 6].map(|()| waits_to_all_looks());
        assert_eq!(next, [128, 256, 512, 1024, 1024, 1024]);
    }
}
