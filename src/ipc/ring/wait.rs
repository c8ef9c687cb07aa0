//! Waiting for the other side of a ring, and waking it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::memory::{Ring, Side};
use crate::ipc::adaptive_spin::AdaptiveSpin;
use crate::os;

/// In [`Side::wanted`]: any move will do.
pub(super) const ANY_POSITION: u64 = 0;

/// Two thousand looks at memory take some 50 microseconds.
static SPIN: AdaptiveSpin = AdaptiveSpin::new(2000);

impl Ring {
    /// Wakes at most so many of those who wait for `side` to move.
    pub(super) fn wake(&self, side: &Side, most: i32) {
        if side.sleepers.load(Ordering::SeqCst) > 0 {
            side.wakes.fetch_add(1, Ordering::SeqCst);
            let woken = os::futex_wake(&side.wakes, most);
            // Not left to them: until they run, each further move would call the system for nothing.
            side.sleepers.fetch_sub(woken, Ordering::SeqCst);
        }
    }

    /// Waits for `side` to move until `done`, which is likely once it stands at `wanted`. False: the deadline came first.
    ///
    /// It is to be a near one, after which the caller looks anew: who was woken for the news may have been killed since.
    pub(super) fn sleep_until(
        &self,
        side: &Side,
        wanted: u64,
        done: impl Fn() -> bool,
        deadline: Instant,
    ) -> bool {
        if done() {
            return true;
        }
        if deadline <= Instant::now() {
            return false;
        }
        if SPIN.spin_until(&done) {
            return true;
        }
        loop {
            side.sleepers.fetch_add(1, Ordering::SeqCst);
            // In this order: whoever takes a wish back counts a wake after that, so a wish is never lost in sleep. And who moves the
            // side looks for sleepers after that, so either `done` sees the move or the sleeper is seen.
            let seen = side.wakes.load(Ordering::SeqCst);
            side.wanted.fetch_min(wanted, Ordering::SeqCst);
            let came = done();
            let left = deadline.saturating_duration_since(Instant::now());
            let woken = !came && left > Duration::ZERO && os::futex_wait(&side.wakes, seen, left);
            if !woken {
                side.sleepers.fetch_sub(1, Ordering::SeqCst);
            }
            if came || left == Duration::ZERO {
                return came;
            }
        }
    }

    /// All: they wait for different amounts of room.
    pub(super) fn wake_writers(&self) {
        let reader = &self.header().reader;
        reader.wanted.store(u64::MAX, Ordering::SeqCst);
        self.wake(reader, i32::MAX);
    }
}
