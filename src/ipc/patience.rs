//! How long to look for an answer before sleeping.

use std::sync::atomic::{AtomicU32, Ordering};

/// To sleep and be woken takes longer than most answers, above all when the processor goes idle in between. But while the
/// other side waits for a processor itself, looking only keeps it waiting. So the looks get fewer as long as they
/// do not help, and every so often all are tried again.
pub(crate) struct Patience {
    looks: AtomicU32,
    waits: AtomicU32,
}

/// A look is a system call, so this is about ten microseconds.
const MOST: u32 = 40;

/// One wait in so many tries all looks.
const AGAIN: u32 = 32;

impl Patience {
    pub(crate) const fn new() -> Self {
        Self {
            looks: AtomicU32::new(MOST),
            waits: AtomicU32::new(0),
        }
    }

    /// Looks for a while. Whether it was there. All counts are hints only, so threads may get in each other's way.
    pub(crate) fn look(&self, mut there: impl FnMut() -> bool) -> bool {
        let again = self
            .waits
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(AGAIN);
        let looks = match again {
            true => MOST,
            false => self.looks.load(Ordering::Relaxed),
        };
        let found = (0..looks).any(|_| there());
        let next = match found {
            true => MOST,
            false => looks / 2,
        };
        self.looks.store(next.max(1), Ordering::Relaxed);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_get_fewer_while_they_do_not_help() {
        let patience = Patience::new();
        let count = |there: bool| {
            let mut looks = 0;
            let found = patience.look(|| {
                looks += 1;
                there
            });
            assert_eq!(found, there);
            looks
        };
        assert_eq!([(); 8].map(|()| count(false)), [40, 20, 10, 5, 2, 1, 1, 1]);
        assert_eq!((count(true), count(false)), (1, 40));
    }
}
