//! A lock that works between processes.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::os;

/// Set in the word when someone may be asleep. Thread ids stay below it.
const WAITERS: u32 = 1 << 31;

/// Tries before a waiter goes to sleep: about as long as a short critical section.
const SPINS: u32 = 100;

/// The longest sleep. After each, a waiter looks whether the owner still lives.
const SLICE: Duration = Duration::from_millis(50);

/// A re-entrant lock in shared memory: Python's `multiprocessing.RLock`. All zeros is an unlocked lock.
///
/// The word holds the owner's thread id, so that a waiter can notice that the owner ended without
/// unlocking. A thread id that the system gave to a new thread meanwhile hides that; ids go round
/// only after thousands to millions of new threads, and a waiter looks every [`SLICE`].
#[repr(C)]
pub(super) struct Lock {
    word: AtomicU32,
    /// How many more times than once the owner has locked. Only the owner touches it.
    depth: AtomicU32,
    /// The owner's process, for messages; 0 just before it is known.
    owner_pid: AtomicU32,
}

/// The thread that held the lock has ended and can never unlock it.
#[derive(Debug)]
pub(super) struct OwnerEnded {
    tid: u32,
    pid: u32,
}

impl Lock {
    pub(super) fn lock(&self) -> Result<(), OwnerEnded> {
        let me = os::thread_id();
        if self.owner() == me {
            let depth = self.depth.load(Ordering::Relaxed);
            self.depth.store(depth + 1, Ordering::Relaxed);
            return Ok(());
        }
        self.acquire(me)?;
        self.owner_pid.store(std::process::id(), Ordering::Relaxed);
        Ok(())
    }

    /// Undoes one `lock` of the same thread.
    pub(super) fn unlock(&self) {
        let depth = self.depth.load(Ordering::Relaxed);
        if depth > 0 {
            self.depth.store(depth - 1, Ordering::Relaxed);
            return;
        }
        self.owner_pid.store(0, Ordering::Relaxed);
        if self.word.swap(0, Ordering::Release) & WAITERS != 0 {
            os::futex_wake_one(&self.word);
        }
    }

    fn acquire(&self, me: u32) -> Result<(), OwnerEnded> {
        for _ in 0..SPINS {
            if self.take(me) {
                return Ok(());
            }
            std::hint::spin_loop();
        }
        // Whoever takes the lock after a sleep leaves the mark, since others may still be asleep.
        while !self.take(me | WAITERS) {
            let Some(owner) = self.mark() else { continue };
            os::futex_wait(&self.word, owner | WAITERS, SLICE);
            // Asked again after the look: the owner may have unlocked first and ended then.
            if self.owner() == owner && os::thread_has_ended(owner) && self.owner() == owner {
                return Err(OwnerEnded {
                    tid: owner,
                    pid: self.owner_pid.load(Ordering::Relaxed),
                });
            }
        }
        Ok(())
    }

    /// Notes in the word that someone will sleep, and gives the owner. None if the word has just changed.
    fn mark(&self) -> Option<u32> {
        let seen = self.word.load(Ordering::Relaxed);
        let marked = seen & WAITERS != 0
            || (seen != 0
                && self
                    .word
                    .compare_exchange(seen, seen | WAITERS, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok());
        marked.then_some(seen & !WAITERS)
    }

    fn take(&self, with: u32) -> bool {
        self.word
            .compare_exchange(0, with, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    fn owner(&self) -> u32 {
        self.word.load(Ordering::Relaxed) & !WAITERS
    }
}

impl fmt::Display for OwnerEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {} ", self.tid)?;
        if self.pid != 0 {
            write!(f, "of process {} ", self.pid)?;
        }
        f.write_str("ended while it held the lock")
    }
}
