//! A queue of waiters, in order of arrival, and how each is notified.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};
use std::time::Instant;

use crate::mapping::Zeroed;
use crate::os;
use crate::wait;

/// How many may wait at once. Unused entries cost only address space.
const MAX_WAITERS: u32 = 4096;

/// A queue of waiters. All zeros is an empty one.
///
/// Each waiter sleeps on a word of its own, so that a wake-up reaches the intended one, and a later waiter cannot take
/// it. Everything but [`Waiter::sleep`] and [`Waiter::leave`] is done under a lock, the caller's.
#[repr(C)]
pub(super) struct WaitList {
    /// Entries are used in turn, from `head` to `tail` (which only grow, and are taken modulo [`MAX_WAITERS`]).
    head: AtomicU32,
    tail: AtomicU32,
    entries: [Entry; MAX_WAITERS as usize],
}

#[repr(C)]
struct Entry {
    state: AtomicU32,
    /// The waiter's thread key.
    waiter: AtomicU64,
}

/// States of an entry: free, waiting, or `NOTIFIED` plus the reason, until the waiter has left.
const FREE: u32 = 0;
const WAITING: u32 = 1;
const NOTIFIED: u32 = 2;

// SAFETY: integers that only atomics change; zeros are valid.
unsafe impl Zeroed for WaitList {}

impl WaitList {
    /// Adds the calling thread at the end. None: all entries are taken.
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
                // Notified, but killed before it left.
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

    /// Notifies the first `most` waiters, and wakes them. A waiter that was killed does not count.
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

    /// Notifies all waiters. They need not be checked first, since there is no one to notify instead.
    pub(super) fn notify_all(&self, reason: u32) {
        while self.head.load(Relaxed) != self.tail.load(Relaxed) {
            let entry = self.entry(self.head.fetch_add(1, Relaxed));
            if entry.state.load(Relaxed) == WAITING {
                entry.state.store(NOTIFIED + reason, Release);
                os::futex_wake(&entry.state, 1);
            }
        }
    }

    /// Returns the number of waiters.
    pub(super) fn len(&self) -> u32 {
        let (mut at, tail) = (self.head.load(Relaxed), self.tail.load(Relaxed));
        let mut waiting = 0;
        while at != tail {
            waiting += u32::from(self.entry(at).state.load(Relaxed) == WAITING);
            at = at.wrapping_add(1);
        }
        waiting
    }

    /// Frees the entries at the head whose waiters have given up.
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

/// An entry in the list, until [`Self::leave`].
pub(super) struct Waiter<'a> {
    entry: &'a Entry,
}

impl Waiter<'_> {
    /// Sleeps until it is notified, until the deadline, or until `give_up` returns true, which is called now and then.
    pub(super) fn sleep(&self, deadline: Option<Instant>, give_up: impl Fn() -> bool) {
        while self.notification().is_none() {
            let state = &self.entry.state;
            if !wait::sleep(deadline, |limit| os::futex_wait(state, WAITING, limit)) {
                return;
            }
            if self.notification().is_none() && give_up() {
                return;
            }
        }
    }

    /// Frees the entry. Returns the reason of the notification; None: there was none yet. Then the caller holds the
    /// lock, so that none comes meanwhile.
    pub(super) fn leave(self) -> Option<u32> {
        let notification = self.notification();
        self.entry.state.store(FREE, Release);
        notification
    }

    pub(super) fn notification(&self) -> Option<u32> {
        self.entry.state.load(Acquire).checked_sub(NOTIFIED)
    }
}
