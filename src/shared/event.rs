//! A flag that processes wait for.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::time::{Duration, Instant};

use crate::mapping::{Shared, Zeroed};
use crate::notebook::steps::{self, Kind};
use crate::notebook::watched::Place;
use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::wait::{deadline, sleep};

/// A flag that one process sets and others wait for: Python's `multiprocessing.Event`.
///
/// A clone is the same event.
///
/// | Python | Rust |
/// | --- | --- |
/// | `event.set()`, `event.clear()`, `event.is_set()` | the same |
/// | `event.wait()` | `event.wait()` |
/// | `event.wait(timeout=1)` | `event.wait_timeout(Duration::from_secs(1))` |
///
/// ```
/// use threadbook::prelude::*;
///
/// let started = Event::new();
/// let in_child = started.clone();
/// let mut p = Process::new(move || in_child.set());
/// p.start()?;
/// started.wait();
/// assert!(started.is_set());
/// p.join()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Event(Arc<Shared<Flag>>);

/// Counts the changes: odd means set. So a waiter notices that the flag was set even if it was cleared again at once.
#[repr(transparent)]
struct Flag(AtomicU32);

// SAFETY: an integer that only atomics change; zero is valid.
unsafe impl Zeroed for Flag {}

impl Event {
    /// Creates an event that is not set.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new() -> Self {
        Self(Arc::new(Shared::new("event")))
    }

    /// Sets the flag and wakes all waiters.
    #[track_caller]
    pub fn set(&self) {
        let is_changed = steps::make(Kind::SetEvent, self.identity(), Location::caller(), || {
            let is_changed = self.change(false);
            (is_changed, u32::from(!is_changed), 1)
        });
        if is_changed {
            os::futex_wake(&self.0.0, i32::MAX);
        }
    }

    /// Clears the flag. Later waiters wait for the next `set`.
    #[track_caller]
    pub fn clear(&self) {
        steps::make(
            Kind::ClearEvent,
            self.identity(),
            Location::caller(),
            || {
                let was_set = self.change(true);
                ((), was_set.into(), 0)
            },
        );
    }

    /// Returns whether the flag is set.
    #[doc(alias = "isSet")]
    #[track_caller]
    pub fn is_set(&self) -> bool {
        is_set(self.look(Kind::Load, Location::caller()))
    }

    /// Blocks until the flag is set. Returns at once if it is.
    #[track_caller]
    pub fn wait(&self) {
        self.wait_until(None);
    }

    /// As [`wait`](Self::wait), for at most `limit`. Returns false if it was not set in time.
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        self.wait_until(deadline(limit))
    }

    #[track_caller]
    fn wait_until(&self, deadline: Option<Instant>) -> bool {
        let flag = &self.0.0;
        let seen = self.look(Kind::WaitEvent, Location::caller());
        if is_set(seen) {
            return true;
        }
        let _blocked = Blocked::on(BlockedOn::Notification, deadline.is_some());
        while flag.load(Acquire) == seen {
            if !sleep(deadline, |limit| os::futex_wait(flag, seen, limit)) {
                return false;
            }
        }
        true
    }

    /// Reads the count when it is the thread's turn.
    fn look(&self, kind: Kind, place: Place) -> u32 {
        steps::make(kind, self.identity(), place, || {
            let seen = self.0.0.load(Acquire);
            let is_set = u32::from(is_set(seen));
            (seen, is_set, is_set)
        })
    }

    /// Increments the count if the flag is `from`. Returns whether it was.
    fn change(&self, from: bool) -> bool {
        self.0
            .0
            .try_update(AcqRel, Acquire, |count| {
                (is_set(count) == from).then_some(count.wrapping_add(1))
            })
            .is_ok()
    }

    /// The address of the count, by which the kernel knows the event.
    fn identity(&self) -> usize {
        self.0.0.as_ptr().expose_provenance()
    }
}

fn is_set(count: u32) -> bool {
    count % 2 == 1
}

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

/// As Python prints it: `<Event at 0x7f0a1c2d3000 unset>`.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if is_set(self.0.0.load(Acquire)) {
            "set"
        } else {
            "unset"
        };
        write!(f, "<Event at {:p} {state}>", &raw const **self.0)
    }
}
