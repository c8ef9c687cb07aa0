//! Who waits, in order of arrival, and what each is told.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};
use std::time::Instant;

use crate::mapping::Zeroed;
use crate::os;
use crate::wait::next_timeout;

/// How many may wait at once. Unused places cost nothing but addresses.
const MAX_WAITERS: u32 = 4096;

/// A queue of waiters. All zeros is an empty one.
///
/// Each has a word of its own to sleep on, so that a wake-up reaches the one it is meant for, and one who comes
/// later cannot take it. Everything but [`Self::sleep`] and [`Self::leave`] is done under a lock, the caller's.
#[repr(C)]
pub(super) struct WaitList {
    /// Places are used in turn, from `head` to `tail` (counted without end, taken modulo [`MAX_WAITERS`]).
    head: AtomicU32,
    tail: AtomicU32,
    entries: [Entry; MAX_WAITERS as usize],
}

#[repr(C)]
struct Entry {
    state: AtomicU32,
    /// The waiter, by its thread key.
    waiter: AtomicU64,
}

/// States of a place: free, waited at, or what the waiter was told and has not taken note of yet.
const FREE: u32 = 0;
const WAITING: u32 = 1;
const NOTIFIED: u32 = 2;

// SAFETY: integers changed through atomics alone; zeros are valid.
unsafe impl Zeroed for WaitList {}

impl WaitList {
    /// A place at the end, for the calling thread. None: all are taken.
    pub(super) fn enter(&self) -> Option<Waiter<'_>> {
        self.skip_abandoned();
        while self
            .tail
            .load(Relaxed)
            .wrapping_sub(self.head.load(Relaxed))
            < MAX_WAITERS
        {
            let entry = self.entry(self.tail.fetch_add(1, Relaxed));
            let free = match entry.state.load(Acquire) {
                FREE => true,
                WAITING => false,
                // Told, but killed before it took note.
                _ => os::thread_has_ended(entry.waiter.load(Relaxed)),
            };
            if free {
                entry.waiter.store(os::thread_key(), Relaxed);
                entry.state.store(WAITING, Relaxed);
                return Some(Waiter { entry });
            }
        }
        None
    }

    /// Tells the first `most` who wait, and wakes them. One that was killed while it waited does not count.
    pub(super) fn notify(&self, most: u32, reason: u32) {
        let mut notified = 0;
        while notified < most && self.head.load(Relaxed) != self.tail.load(Relaxed) {
            let entry = self.entry(self.head.fetch_add(1, Relaxed));
            if entry.state.load(Relaxed) != WAITING {
                continue;
            }
            if os::thread_has_ended(entry.waiter.load(Relaxed)) {
                entry.state.store(FREE, Relaxed);
                continue;
            }
            entry.state.store(NOTIFIED + reason, Release);
            os::futex_wake(&entry.state, 1);
            notified += 1;
        }
    }

    /// Tells all who wait. They need not be looked at first: there is no one to tell instead.
    pub(super) fn notify_all(&self, reason: u32) {
        while self.head.load(Relaxed) != self.tail.load(Relaxed) {
            let entry = self.entry(self.head.fetch_add(1, Relaxed));
            if entry.state.load(Relaxed) == WAITING {
                entry.state.store(NOTIFIED + reason, Release);
                os::futex_wake(&entry.state, 1);
            }
        }
    }

    /// How many wait.
    pub(super) fn len(&self) -> u32 {
        let (mut at, tail) = (self.head.load(Relaxed), self.tail.load(Relaxed));
        let mut waiting = 0;
        while at != tail {
            waiting += u32::from(self.entry(at).state.load(Relaxed) == WAITING);
            at = at.wrapping_add(1);
        }
        waiting
    }

    /// Those at the head who gave up leave their places to others.
    fn skip_abandoned(&self) {
        while self.head.load(Relaxed) != self.tail.load(Relaxed)
            && self.entry(self.head.load(Relaxed)).state.load(Relaxed) != WAITING
        {
            self.head.fetch_add(1, Relaxed);
        }
    }

    fn entry(&self, number: u32) -> &Entry {
        &self.entries[(number % MAX_WAITERS) as usize]
    }
}

/// A place in the list, until [`Self::leave`].
pub(super) struct Waiter<'a> {
    entry: &'a Entry,
}

impl Waiter<'_> {
    /// Sleeps until it is told something, or until the deadline, or until `give_up`, which is asked now and then.
    pub(super) fn sleep(&self, deadline: Option<Instant>, give_up: impl Fn() -> bool) {
        while self.notification().is_none() {
            let Some(slice) = next_timeout(deadline) else {
                return;
            };
            os::futex_wait(&self.entry.state, WAITING, slice);
            if self.notification().is_none() && give_up() {
                return;
            }
        }
    }

    /// Gives the place back. What it was told; None: nothing yet. Then the caller holds the lock, so that nothing is told meanwhile.
    pub(super) fn leave(self) -> Option<u32> {
        let notification = self.notification();
        self.entry.state.store(FREE, Release);
        notification
    }

    pub(super) fn notification(&self) -> Option<u32> {
        self.entry.state.load(Acquire).checked_sub(NOTIFIED)
    }
}
