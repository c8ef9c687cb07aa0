//! The lock in shared memory.

use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};
use std::time::{Duration, Instant};

use super::semaphore::ReleasedTooOften;
use crate::mapping::Zeroed;
use crate::notebook::watched::{self, Event, Place};
use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::process::names;
use crate::wait::{POLL_INTERVAL, deadline, sleep, spin_until};

/// Set in the word when someone may be asleep. The ids in thread keys leave this bit free.
const WAITERS: u64 = 1 << 31;

/// A lock that anyone may release: Python's `multiprocessing.Lock`. All zeros is an unlocked lock.
///
/// The word is the owner's thread key, so one atomic step takes the lock and records the owner: a waiter can always
/// find out whether the owner has exited. Its lower half is the futex.
#[repr(C)]
pub(crate) struct RawLock {
    word: AtomicU64,
    /// The owner's process, for messages; 0 just before it is known.
    owner_pid: AtomicU32,
}

/// The owner of a lock has exited (killed, or without releasing it), and the lock stays locked.
///
/// What the lock protects may be half done. Code that has repaired it may release the lock for the owner
/// ([`Lock::release`](super::Lock::release)). In Python the waiters wait for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerDied {
    owner: String,
    pid: u32,
}

// SAFETY: integers that only atomics change; zeros are valid.
unsafe impl Zeroed for RawLock {}

impl RawLock {
    /// Acquires the lock. Blocks until it is free.
    #[inline]
    #[track_caller]
    pub(crate) fn acquire(&self) -> Result<(), OwnerDied> {
        let me = os::thread_key();
        self.take_turn(false);
        match self.take(me) {
            true => self.record(Event::Lock),
            false => drop(self.wait(me, None)?),
        }
        Ok(())
    }

    /// Acquires the lock, of which a watched or explored cell tells nothing: it is a part of something else.
    pub(super) fn acquire_unrecorded(&self) -> Result<(), OwnerDied> {
        let me = os::thread_key();
        match self.take(me) {
            true => Ok(()),
            false => self.wait_unrecorded(me, None).map(drop),
        }
    }

    #[inline]
    #[track_caller]
    pub(crate) fn try_acquire(&self) -> bool {
        let try_lock = || self.take(os::thread_key());
        let taken = watched::try_lock_turn(self.identity(), Location::caller(), try_lock);
        if taken {
            self.record(Event::Lock);
        }
        taken
    }

    /// Returns whether the lock was free within `limit`.
    #[track_caller]
    pub(crate) fn acquire_timeout(&self, limit: Duration) -> Result<bool, OwnerDied> {
        let me = os::thread_key();
        if !self.take_turn(true) {
            return Ok(false);
        }
        match self.take(me) {
            true => {
                self.record(Event::Lock);
                Ok(true)
            }
            false => self.wait(me, deadline(limit)),
        }
    }

    /// Releases the lock, whoever holds it.
    #[inline]
    pub(crate) fn release(&self) -> Result<(), ReleasedTooOften> {
        watched::record_anywhere(Event::Unlock, self.identity());
        self.release_unrecorded()
    }

    /// Releases the lock to wait for the condition at an address, which is one step of an explored cell.
    pub(super) fn release_to_wait(
        &self,
        condition: usize,
        place: Place,
    ) -> Result<(), ReleasedTooOften> {
        watched::record_release_to_wait(self.identity(), condition, place);
        self.release_unrecorded()
    }

    /// As [`release`](Self::release), of which a watched or explored cell tells nothing.
    #[inline]
    pub(super) fn release_unrecorded(&self) -> Result<(), ReleasedTooOften> {
        self.owner_pid.store(0, Relaxed);
        // Release: the next owner sees what was done under the lock.
        match self.word.swap(0, Release) {
            0 => Err(ReleasedTooOften),
            owner => {
                if owner & WAITERS != 0 {
                    os::futex_wake_at(self.futex(), 1);
                }
                Ok(())
            }
        }
    }

    /// Returns the key of the thread that holds the lock; 0: it is free.
    #[inline]
    pub(super) fn owner(&self) -> u64 {
        self.word.load(Relaxed) & !WAITERS
    }

    /// Returns whether the calling thread holds the lock.
    #[inline]
    pub(super) fn is_mine(&self) -> bool {
        self.owner() == os::thread_key()
    }

    /// Returns the process that holds the lock.
    pub(super) fn owner_pid(&self) -> u32 {
        self.owner_pid.load(Relaxed)
    }

    /// Returns an error if the lock is held by an owner that can never release it.
    pub(super) fn check_owner(&self) -> Result<(), OwnerDied> {
        let owner = self.owner();
        let pid = self.owner_pid();
        // Checked again after the owner: it may have released the lock first and exited then.
        if owner == 0 || !os::thread_has_ended(owner) || self.owner() != owner {
            return Ok(());
        }
        Err(OwnerDied::new(owner, pid))
    }

    #[inline]
    fn take(&self, key: u64) -> bool {
        let taken = self.word.compare_exchange(0, key, Acquire, Relaxed).is_ok();
        if taken {
            self.owner_pid.store(os::process_id(), Relaxed);
        }
        taken
    }

    #[cold]
    #[track_caller]
    fn wait(&self, me: u64, deadline: Option<Instant>) -> Result<bool, OwnerDied> {
        self.record(Event::WantLock);
        let taken = self.wait_unrecorded(me, deadline)?;
        self.record(if taken { Event::Lock } else { Event::WaitOver });
        Ok(taken)
    }

    fn wait_unrecorded(&self, me: u64, deadline: Option<Instant>) -> Result<bool, OwnerDied> {
        if spin_until(|| self.word.load(Relaxed) == 0 && self.take(me)) {
            return Ok(true);
        }
        let _blocked = Blocked::on(BlockedOn::Lock(self.identity()), deadline.is_some());
        let mut checked_at = Instant::now();
        // A thread that takes the lock after a sleep leaves the mark, since others may still be asleep.
        while !self.take(me | WAITERS) {
            let Some(seen) = self.mark() else { continue };
            // SAFETY: the futex is half of `self.word`.
            let wait = |limit| unsafe { os::futex_wait_at(self.futex(), seen as u32, limit) };
            if !sleep(deadline, wait) {
                self.check_owner()?;
                return Ok(false);
            }
            if checked_at.elapsed() >= POLL_INTERVAL {
                self.check_owner()?;
                checked_at = Instant::now();
            }
        }
        Ok(true)
    }

    /// Records what happens to the lock, if the cell is watched.
    #[inline]
    #[track_caller]
    fn record(&self, event: Event) {
        watched::record(event, self.identity(), Location::caller());
    }

    /// Waits for the turn to take the lock, if the cell is explored. Returns false if its time is over instead.
    #[inline]
    #[track_caller]
    fn take_turn(&self, is_timed: bool) -> bool {
        /// # Safety
        /// `word` is the address of a lock's word.
        unsafe extern "C" fn is_free(word: *const u8) -> bool {
            // SAFETY: the caller's promise.
            let word = unsafe { &*word.cast::<AtomicU64>() };
            word.load(Relaxed) & !WAITERS == 0
        }
        // SAFETY: the identity is the word's address, which is the same in all processes that share the lock: they are forks of the one
        // that made it.
        unsafe { watched::lock_turn(self.identity(), Location::caller(), is_timed, is_free) }
    }

    /// The address of the word, by which the kernel knows the lock and reads its owner.
    fn identity(&self) -> usize {
        self.word.as_ptr().expose_provenance()
    }

    /// Marks in the word that someone will sleep, and returns the word. None if it has just changed.
    fn mark(&self) -> Option<u64> {
        let seen = self.word.load(Relaxed);
        let marked = seen & WAITERS != 0
            || (seen != 0
                && self
                    .word
                    .compare_exchange(seen, seen | WAITERS, Relaxed, Relaxed)
                    .is_ok());
        marked.then_some(seen | WAITERS)
    }

    /// The half of the word with the mark and the owner's id.
    fn futex(&self) -> *mut u32 {
        let halves = self.word.as_ptr().cast::<u32>();
        halves.wrapping_add(usize::from(cfg!(target_endian = "big")))
    }
}

impl OwnerDied {
    fn new(key: u64, pid: u32) -> Self {
        let tid = key as u32;
        let owner = match (pid, names::name_of(pid)) {
            (0, _) => format!("thread {tid}"),
            (_, None) => format!("process {pid}"),
            (_, Some(name)) => format!("{name} (pid {pid})"),
        };
        let owner = match pid == 0 || pid == tid {
            true => owner,
            false => format!("thread {tid} of {owner}"),
        };
        Self { owner, pid }
    }

    /// Returns the id of the process that held the lock, if it is known.
    pub fn pid(&self) -> Option<u32> {
        (self.pid != 0).then_some(self.pid)
    }
}

/// `Process-1 (pid 123) exited while it held the lock`
impl fmt::Display for OwnerDied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} exited while it held the lock", self.owner)
    }
}

impl std::error::Error for OwnerDied {}
