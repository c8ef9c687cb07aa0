//! A pipe in shared memory that carries whole messages, for any number of writers and readers in any processes.
//!
//! What a killed process leaves behind is known at every step. A message that fits is there all at once or not at all. One that
//! does not fit goes through in pieces; if its writer is killed in between, its reader gets an error, and the ring goes on
//! with the next. If a reader is killed in between, the next reader skips the rest.
//!
//! Lock order: `read_lock`, then `write_lock`.

mod memory;
mod read;
mod write;

use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use self::memory::{CAPACITY, Header, Side};
pub(crate) use self::write::{TryWriteError, WriteObserver};
use super::adaptive_spin::AdaptiveSpin;
use super::robust::RobustMutex;
use crate::mapping::Mapping;
use crate::os;

/// Before each message: its length and its number.
const PREFIX_LEN: u64 = 2 * size_of::<u64>() as u64;

/// In [`Side::wanted`]: any move will do.
const ANY_POSITION: u64 = 0;

/// Two thousand looks at memory take some 50 microseconds.
static SPIN: AdaptiveSpin = AdaptiveSpin::new(2000);

pub(crate) struct Ring {
    mapping: Mapping,
}

impl Ring {
    pub(crate) fn new() -> io::Result<Self> {
        let mapping = Mapping::new(size_of::<Header>() + CAPACITY as usize)?;
        let header: *mut Header = mapping.start().as_ptr().cast();
        // SAFETY: the mapping is new, large enough and aligned to a page. Zeros are a valid header but for the mutexes,
        // which are made here before anyone else sees it.
        unsafe {
            RobustMutex::init(&raw mut (*header).write_lock)?;
            RobustMutex::init(&raw mut (*header).read_lock)?;
        }
        Ok(Self { mapping })
    }

    /// How many messages are written and not read.
    pub(crate) fn len(&self) -> u64 {
        let header = self.header();
        if !self.has_bytes() {
            // A number that a killed writer took, for a message that never came, does not count.
            let unfinished = header.unfinished.load(Ordering::SeqCst) != 0;
            if !unfinished || (self.try_lock_for_writing().is_some() && !self.has_bytes()) {
                return 0;
            }
        }
        let read = header.reader.messages.load(Ordering::Acquire);
        let written = header.writer.messages.load(Ordering::Acquire);
        written.saturating_sub(read)
    }

    fn has_bytes(&self) -> bool {
        let header = self.header();
        header.reader.position.load(Ordering::SeqCst)
            != header.writer.position.load(Ordering::SeqCst)
    }

    /// Wakes at most so many of those who wait for `side` to move.
    fn wake(&self, side: &Side, most: i32) {
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
    fn sleep_until(
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
}
