//! How many items wait in the feeders of all processes, and whose they are: what a process had left when it was killed
//! must not be waited for.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

use crate::ipc::robust::{RobustGuard, RobustMutex};
use crate::mapping::Mapping;
use crate::os;

/// In shared memory. Lock order: after a ring's locks.
pub(super) struct Left {
    mapping: Mapping,
}

/// How many processes can leave items in one queue at a time and be found out when they end.
const PLACES: usize = 64;

#[repr(C)]
struct Counts {
    /// Held to change what follows.
    lock: RobustMutex,
    /// The sum of all counts. Read without the lock.
    all: AtomicU64,
    /// Those of processes that found no place.
    others: AtomicU64,
    places: [Place; PLACES],
}

#[repr(C)]
struct Place {
    /// The key of a process; 0: the place is free.
    process: AtomicU64,
    count: AtomicU64,
    /// 1: the process has ended, its items are not counted any more, and no reader knows it yet.
    lost: AtomicU32,
}

impl Left {
    pub(super) fn new() -> io::Result<Self> {
        let mapping = Mapping::new(size_of::<Counts>())?;
        let counts: *mut Counts = mapping.start().as_ptr().cast();
        // SAFETY: the mapping is new, large enough and aligned to a page. Zeros are valid counts but for the mutex,
        // which is made here before anyone else sees it.
        unsafe { RobustMutex::init(&raw mut (*counts).lock)? };
        Ok(Self { mapping })
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.counts().all.load(SeqCst)
    }

    /// Counts one more of this process, if `may` says so of the count before.
    pub(super) fn add_if(&self, may: impl FnOnce(u64) -> bool) -> bool {
        let _guard = self.lock();
        let counts = self.counts();
        if !may(counts.all.load(Relaxed)) {
            return false;
        }
        let mine = match self.place_of_mine() {
            Some(place) => {
                place.process.store(os::process_key(), Relaxed);
                &place.count
            }
            None => &counts.others,
        };
        // In this order: `mend` believes the first.
        mine.fetch_add(1, SeqCst);
        counts.all.fetch_add(1, SeqCst);
        true
    }

    /// One of this process is not left any more.
    pub(super) fn remove_one(&self) {
        let _guard = self.lock();
        let counts = self.counts();
        let me = os::process_key();
        let place = counts.places.iter().find(|place| place.is_of(me));
        match place {
            Some(place) => {
                if place.count.fetch_sub(1, SeqCst) == 1 {
                    place.process.store(0, Relaxed);
                }
            }
            None => {
                counts.others.fetch_sub(1, SeqCst);
            }
        }
        counts.all.fetch_sub(1, SeqCst);
    }

    /// Ceases to count what ended processes had left.
    pub(super) fn forget_lost(&self) {
        if self.count() == 0 {
            return;
        }
        let _guard = self.lock();
        let counts = self.counts();
        for place in &counts.places {
            let process = place.process.load(Relaxed);
            let count = place.count.load(Relaxed);
            if count > 0 && os::thread_has_ended(process) {
                place.lost.store(1, Relaxed);
                place.count.store(0, SeqCst);
                counts.all.fetch_sub(count, SeqCst);
            }
        }
    }

    /// A process that ended before its items were written, once for each.
    pub(super) fn take_lost(&self) -> Option<u32> {
        let counts = self.counts();
        // Seldom, so the lock is not taken for nothing.
        if !counts
            .places
            .iter()
            .any(|place| place.lost.load(Relaxed) != 0)
        {
            return None;
        }
        let _guard = self.lock();
        let place = counts
            .places
            .iter()
            .find(|place| place.lost.load(Relaxed) != 0)?;
        place.lost.store(0, Relaxed);
        // The low half of a process's key is its id.
        Some(place.process.swap(0, Relaxed) as u32)
    }

    /// This process's place, or a free one. The caller holds the lock.
    fn place_of_mine(&self) -> Option<&Place> {
        let places = &self.counts().places;
        let me = os::process_key();
        let mine = places.iter().find(|place| place.is_of(me));
        mine.or_else(|| places.iter().find(|place| place.is_of(0)))
    }

    fn lock(&self) -> RobustGuard<'_> {
        let counts = self.counts();
        let guard = counts.lock.lock();
        if guard.owner_died {
            let counted = counts.places.iter().map(|place| place.count.load(Relaxed));
            let all = counted.sum::<u64>() + counts.others.load(Relaxed);
            counts.all.store(all, SeqCst);
        }
        guard
    }

    fn counts(&self) -> &Counts {
        // SAFETY: `new` put them there; they live as long as the mapping and are changed by atomics and a mutex alone.
        unsafe { self.mapping.start().cast().as_ref() }
    }
}

impl Place {
    fn is_of(&self, process: u64) -> bool {
        // One whose end no reader knows yet belongs to no one.
        self.process.load(Relaxed) == process && self.lost.load(Relaxed) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::testing::{end_of, join_all, kill, start, within};
    use crate::prelude::Event;

    /// A process that has left some items, and lives on until it is killed.
    fn leaving(left: &'static Left, items: u64) -> crate::prelude::Process {
        let ready = Event::new();
        let tell = ready.clone();
        let p = start(move || {
            (0..items).for_each(|_| assert!(left.add_if(|_| true)));
            tell.set();
            loop {
                std::thread::park();
            }
        });
        ready.wait();
        p
    }

    #[test]
    fn what_a_killed_process_had_left_is_forgotten_and_told_once() {
        within(30, || {
            let left: &'static Left = Box::leak(Box::new(Left::new().unwrap()));
            assert!(left.add_if(|count| count == 0));
            let p = leaving(left, 3);
            assert_eq!(left.count(), 4);
            left.forget_lost();
            assert_eq!((left.count(), left.take_lost()), (4, None), "it lives");
            kill(p.pid().unwrap());
            end_of(&p, 10);
            left.forget_lost();
            assert_eq!(left.count(), 1);
            assert_eq!((left.take_lost(), left.take_lost()), (p.pid(), None));
            left.remove_one();
            assert_eq!(left.count(), 0);
            assert!(!left.add_if(|_| false));
        });
    }

    #[test]
    fn one_process_more_than_there_are_places_is_counted_too() {
        within(60, || {
            let left: &'static Left = Box::leak(Box::new(Left::new().unwrap()));
            let all: Vec<_> = (0..=PLACES).map(|_| leaving(left, 1)).collect();
            assert_eq!(left.count(), PLACES as u64 + 1);
            for p in &all {
                kill(p.pid().unwrap());
                end_of(p, 10);
            }
            left.forget_lost();
            assert_eq!(left.count(), 1, "that of the last is not found out");
            let told = (0..).map_while(|_| left.take_lost()).count();
            assert_eq!(told, PLACES);
            join_all([start(|| {
                assert!(left.add_if(|_| true));
                left.remove_one();
            })]);
            assert_eq!(left.count(), 1);
        });
    }

    #[test]
    fn processes_count_at_once() {
        within(60, || {
            let left: &'static Left = Box::leak(Box::new(Left::new().unwrap()));
            join_all(Vec::from_iter((0..4).map(|_| {
                start(|| {
                    for _ in 0..5000 {
                        while !left.add_if(|count| count < 2) {
                            std::thread::yield_now();
                        }
                        assert!(left.count() <= 2);
                        left.remove_one();
                    }
                })
            })));
            assert_eq!(left.count(), 0);
        });
    }
}
