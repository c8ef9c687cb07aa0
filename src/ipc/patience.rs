//! How long to look for an answer before sleeping.

use std::sync::atomic::{AtomicU32, Ordering};

/// To sleep and be woken takes longer than most answers, above all when the processor goes idle in between. But while the
/// other side waits for a processor itself, looking only keeps it waiting. So the looks get fewer as long as they
/// do not help, and every so often all are tried again.
pub(crate) struct Patience {
    most: u32,
    looks: AtomicU32,
    waits: AtomicU32,
}

/// One wait in so many tries all looks.
const AGAIN: u32 = 64;

impl Patience {
    /// At most so many looks.
    pub(crate) const fn new(most: u32) -> Self {
        Self {
            most,
            looks: AtomicU32::new(most),
            waits: AtomicU32::new(0),
        }
    }

    /// Looks for a while. Whether it was there. All counts are hints only, so threads may get in each other's way.
    pub(crate) fn look(&self, mut there: impl FnMut() -> bool) -> bool {
        let again = self
            .waits
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(AGAIN);
        let usual = self.looks.load(Ordering::Relaxed);
        let looks = if again { self.most } else { usual };
        let found = (0..looks).any(|_| {
            std::hint::spin_loop();
            there()
        });
        let next = match (found, again) {
            (true, true) => self.most,
            // A look may find something by chance, after this thread had to wait for its processor.
            (true, false) => (2 * usual).min(self.most),
            (false, _) => usual / 2,
        };
        self.looks.store(next, Ordering::Relaxed);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_get_fewer_while_they_do_not_help() {
        let patience = Patience::new(40);
        let count = |there: bool| {
            let mut looks = 0;
            let found = patience.look(|| {
                looks += 1;
                there
            });
            assert_eq!(found, there);
            looks
        };
        assert_eq!([(); 5].map(|()| count(false)), [40, 20, 10, 5, 2]);
        assert_eq!((count(true), count(false)), (1, 2), "more after a good one");
        assert_eq!([(); 3].map(|()| count(false)), [1, 0, 0]);
        for _ in 10..AGAIN {
            assert_eq!(count(false), 0);
        }
        assert_eq!(count(false), 40, "all are tried again");
        for _ in AGAIN + 1..2 * AGAIN {
            assert_eq!(count(false), 0);
        }
        assert_eq!(
            (count(true), count(false)),
            (1, 40),
            "and used if they help"
        );
    }
}
