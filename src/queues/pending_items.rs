//! How many items wait in the feeders of all processes, and which process has how many: no one must wait for the items
//! of a process that was killed.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

use crate::ipc::robust::{RobustGuard, RobustMutex};
use crate::mapping::Mapping;
use crate::os;

/// The counts, in shared memory. Lock order: after a ring's locks.
pub(super) struct PendingItems {
    mapping: Mapping,
}

/// How many processes can have pending items in one queue at a time and be noticed when they exit.
const MAX_PROCESSES: usize = 64;

#[repr(C)]
struct Counts {
    /// Held to change the fields below.
    lock: RobustMutex,
    /// The sum of all counts. Read without the lock.
    total: AtomicU64,
    /// The items of processes that found no free entry.
    untracked: AtomicU64,
    entries: [ProcessCount; MAX_PROCESSES],
}

#[repr(C)]
struct ProcessCount {
    /// The key of a process; 0: the entry is free.
    process: AtomicU64,
    count: AtomicU64,
    /// 1: the process has exited, its items are not counted any more, and no reader was told yet.
    lost: AtomicU32,
}

impl PendingItems {
    pub(super) fn new() -> io::Result<Self> {
        let mapping = Mapping::new(size_of::<Counts>())?;
        let counts: *mut Counts = mapping.start().as_ptr().cast();
        // SAFETY: the mapping is new, large enough and page-aligned. Zeros are valid counts except for the mutex, which
        // is initialised here before anyone else sees it.
        unsafe { RobustMutex::init(&raw mut (*counts).lock)? };
        Ok(Self { mapping })
    }

    /// Returns the number of pending items.
    pub(super) fn count(&self) -> u64 {
        self.counts().total.load(SeqCst)
    }

    /// Counts one more item of this process, if `may`, called with the current count, allows it.
    pub(super) fn add_if(&self, may: impl FnOnce(u64) -> bool) -> bool {
        let _guard = self.lock();
        let counts = self.counts();
        if !may(counts.total.load(Relaxed)) {
            return false;
        }
        let mine = match self.own_entry() {
            Some(entry) => {
                entry.process.store(os::process_key(), Relaxed);
                &entry.count
            }
            None => &counts.untracked,
        };
        // In this order: the repair in `lock` trusts the first.
        mine.fetch_add(1, SeqCst);
        counts.total.fetch_add(1, SeqCst);
        true
    }

    /// Counts one item of this process less.
    pub(super) fn remove_one(&self) {
        let _guard = self.lock();
        let counts = self.counts();
        let me = os::process_key();
        let entry = counts.entries.iter().find(|entry| entry.is_of(me));
        match entry {
            Some(entry) => {
                if entry.count.fetch_sub(1, SeqCst) == 1 {
                    entry.process.store(0, Relaxed);
                }
            }
            None => {
                counts.untracked.fetch_sub(1, SeqCst);
            }
        }
        counts.total.fetch_sub(1, SeqCst);
    }

    /// Stops counting the items of processes that have exited.
    pub(super) fn forget_lost(&self) {
        if self.count() == 0 {
            return;
        }
        let _guard = self.lock();
        let counts = self.counts();
        for entry in &counts.entries {
            let process = entry.process.load(Relaxed);
            let count = entry.count.load(Relaxed);
            if count > 0 && os::thread_has_ended(process) {
                entry.lost.store(1, Relaxed);
                entry.count.store(0, SeqCst);
                counts.total.fetch_sub(count, SeqCst);
            }
        }
    }

    /// Returns a process that exited before its items were written, once for each.
    pub(super) fn take_lost(&self) -> Option<u32> {
        let counts = self.counts();
        // Rare, so check before taking the lock.
        if !counts
            .entries
            .iter()
            .any(|entry| entry.lost.load(Relaxed) != 0)
        {
            return None;
        }
        let _guard = self.lock();
        let entry = counts
            .entries
            .iter()
            .find(|entry| entry.lost.load(Relaxed) != 0)?;
        entry.lost.store(0, Relaxed);
        // The low half of a process's key is its id.
        Some(entry.process.swap(0, Relaxed) as u32)
    }

    /// Returns this process's entry, or a free one. The caller holds the lock.
    fn own_entry(&self) -> Option<&ProcessCount> {
        let entries = &self.counts().entries;
        let me = os::process_key();
        let mine = entries.iter().find(|entry| entry.is_of(me));
        mine.or_else(|| entries.iter().find(|entry| entry.is_of(0)))
    }

    fn lock(&self) -> RobustGuard<'_> {
        let counts = self.counts();
        let guard = counts.lock.lock();
        if guard.owner_died {
            let counted = counts.entries.iter().map(|entry| entry.count.load(Relaxed));
            let total = counted.sum::<u64>() + counts.untracked.load(Relaxed);
            counts.total.store(total, SeqCst);
        }
        guard
    }

    fn counts(&self) -> &Counts {
        // SAFETY: `new` initialised them; they live as long as the mapping and are changed only by atomics and a mutex.
        unsafe { self.mapping.start().cast().as_ref() }
    }
}

impl ProcessCount {
    fn is_of(&self, process: u64) -> bool {
        // An entry whose loss was not reported yet belongs to no one.
        self.process.load(Relaxed) == process && self.lost.load(Relaxed) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::testing::{end_of, join_all, kill, start, within};
    use crate::prelude::Event;

    /// Returns a process that has pending items, and lives until it is killed.
    fn leaving(pending: &'static PendingItems, items: u64) -> crate::prelude::Process {
        let ready = Event::new();
        let set_ready = ready.clone();
        let p = start(move || {
            (0..items).for_each(|_| assert!(pending.add_if(|_| true)));
            set_ready.set();
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
            let pending: &'static PendingItems = Box::leak(Box::new(PendingItems::new().unwrap()));
            assert!(pending.add_if(|count| count == 0));
            let p = leaving(pending, 3);
            assert_eq!(pending.count(), 4);
            pending.forget_lost();
            assert_eq!(
                (pending.count(), pending.take_lost()),
                (4, None),
                "it lives"
            );
            kill(p.pid().unwrap());
            end_of(&p, 10);
            pending.forget_lost();
            assert_eq!(pending.count(), 1);
            assert_eq!((pending.take_lost(), pending.take_lost()), (p.pid(), None));
            pending.remove_one();
            assert_eq!(pending.count(), 0);
            assert!(!pending.add_if(|_| false));
        });
    }

    #[test]
    fn one_process_more_than_there_are_places_is_counted_too() {
        within(60, || {
            let pending: &'static PendingItems = Box::leak(Box::new(PendingItems::new().unwrap()));
            let processes: Vec<_> = (0..=MAX_PROCESSES).map(|_| leaving(pending, 1)).collect();
            assert_eq!(pending.count(), MAX_PROCESSES as u64 + 1);
            for p in &processes {
                kill(p.pid().unwrap());
                end_of(p, 10);
            }
            pending.forget_lost();
            assert_eq!(pending.count(), 1, "that of the last is not found out");
            let reported = (0..).map_while(|_| pending.take_lost()).count();
            assert_eq!(reported, MAX_PROCESSES);
            join_all([start(|| {
                assert!(pending.add_if(|_| true));
                pending.remove_one();
            })]);
            assert_eq!(pending.count(), 1);
        });
    }

    #[test]
    fn processes_count_at_once() {
        within(60, || {
            let pending: &'static PendingItems = Box::leak(Box::new(PendingItems::new().unwrap()));
            join_all(Vec::from_iter((0..4).map(|_| {
                start(|| {
                    for _ in 0..5000 {
                        while !pending.add_if(|count| count < 2) {
                            std::thread::yield_now();
                        }
                        assert!(pending.count() <= 2);
                        pending.remove_one();
                    }
                })
            })));
            assert_eq!(pending.count(), 0);
        });
    }
}
