//! Waiting for the other side of a ring, and waking it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::memory::{Ring, Side};
use crate::ipc::adaptive_spin::AdaptiveSpin;
use crate::os;

/// In [`Side::wanted`]: any progress will do.
pub(super) const ANY_POSITION: u64 = 0;

/// Two thousand checks of memory take about 50 µs.
static SPIN: AdaptiveSpin = AdaptiveSpin::new(2000);

impl Ring {
    /// Wakes at most `most` threads that wait for `side` to move.
    pub(super) fn wake(&self, side: &Side, most: i32) {
        if side.sleepers.load(Ordering::SeqCst) > 0 {
            side.wakes.fetch_add(1, Ordering::SeqCst);
            let woken = os::futex_wake(&side.wakes, most);
            // Not left to the woken threads: until they run, each further move would make a useless system call.
            side.sleepers.fetch_sub(woken, Ordering::SeqCst);
        }
    }

    /// Blocks until `done`, which is likely once `side` has reached `wanted`. Returns false if the deadline came first.
    ///
    /// The deadline should be near, and the caller should check again after it: the thread that was woken for the news
    /// may have been killed since.
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
            // In this order: a thread that resets `wanted` increments `wakes` after that, so no request is lost while
            // its thread sleeps. And a thread that moves the side checks for sleepers after that, so either `done` sees
            // the move or the mover sees the sleeper.
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

    /// Wakes all writers, since they wait for different amounts of room.
    pub(super) fn wake_writers(&self) {
        let reader = &self.header().reader;
        reader.wanted.store(u64::MAX, Ordering::SeqCst);
        self.wake(reader, i32::MAX);
    }
}
