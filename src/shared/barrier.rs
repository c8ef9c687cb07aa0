//! A barrier: processes wait until all have arrived.

use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::time::{Duration, Instant};

use super::release_guard::ReleaseGuard;
use super::rlock::InternalLock;
use super::wait_list::WaitList;
use crate::mapping::{Shared, Zeroed};
use crate::notebook::steps::{self, Kind};
use crate::notebook::watched::Place;
use crate::notebook::{Blocked, BlockedOn};
use crate::wait::deadline;

/// Tells a waiter that all have arrived.
const RELEASED: u32 = 0;
/// Tells a waiter that the barrier was reset or broken.
const BROKEN: u32 = 1;

/// A point where a fixed number of processes wait for each other: Python's `multiprocessing.Barrier`.
///
/// A clone is the same barrier. It can be used again and again.
///
/// | Python | Rust |
/// | --- | --- |
/// | `Barrier(3)`, `Barrier(3, action=f)` | `Barrier::new(3)`, `Barrier::with_action(3, f)` |
/// | `barrier.wait()`; raises BrokenBarrierError | `barrier.wait()?` |
/// | `barrier.wait(timeout=1)` | `barrier.wait_timeout(Duration::from_secs(1))?` |
/// | `barrier.reset()`, `barrier.abort()` | the same |
/// | `barrier.parties`, `barrier.n_waiting`, `barrier.broken` | `barrier.parties()`, `barrier.n_waiting()`, `barrier.broken()` |
///
/// ```
/// use threadbook::prelude::*;
///
/// let meet = Barrier::new(2);
/// let in_child = meet.clone();
/// let mut p = Process::new(move || {
///     in_child.wait().unwrap();
/// });
/// p.start()?;
/// meet.wait()?;
/// p.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Barrier {
    parties: u32,
    action: Option<Arc<dyn Fn() + Send + Sync>>,
    state: Arc<Shared<State>>,
}

/// The barrier was reset or aborted, a party did not arrive in time, or the action failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(alias = "BrokenBarrierError")]
pub struct BrokenBarrier;

#[repr(C)]
struct State {
    /// Held for everything but sleeping. Re-entrant, so that the action may query the barrier.
    lock: InternalLock,
    broken: AtomicBool,
    waiters: WaitList,
}

// SAFETY: two types that may be in shared memory, and a flag that only atomics change; zeros are valid.
unsafe impl Zeroed for State {}

impl Barrier {
    /// Creates a barrier for `parties` threads of any processes.
    ///
    /// # Panics
    /// If `parties` is 0, or the system has no memory to share.
    pub fn new(parties: u32) -> Self {
        Self::make(parties, None)
    }

    /// As [`new`](Self::new); the last to arrive runs `action` before all go on. If `action` panics, the barrier is
    /// broken.
    ///
    /// # Panics
    /// As `new`.
    pub fn with_action(parties: u32, action: impl Fn() + Send + Sync + 'static) -> Self {
        Self::make(parties, Some(Arc::new(action)))
    }

    fn make(parties: u32, action: Option<Arc<dyn Fn() + Send + Sync>>) -> Self {
        assert!(parties > 0, "a barrier needs at least 1 party, not 0");
        Self {
            parties,
            action,
            state: Arc::new(Shared::new("barrier")),
        }
    }

    /// Blocks until all have arrived. Returns the arrival index, counted from 0.
    ///
    /// # Errors
    /// The barrier is or was broken, or it was reset during the wait.
    ///
    /// # Panics
    /// The panic of the action; or 4096 are waiting already.
    #[track_caller]
    pub fn wait(&self) -> Result<u32, BrokenBarrier> {
        self.wait_until(None)
    }

    /// As [`wait`](Self::wait); if not all have arrived after `limit`, the barrier is broken for all.
    ///
    /// # Errors
    /// As `wait`, and after `limit`.
    ///
    /// # Panics
    /// As `wait`.
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> Result<u32, BrokenBarrier> {
        self.wait_until(deadline(limit))
    }

    /// Resets the barrier. The current waiters get an error.
    ///
    /// # Errors
    /// A process was killed while it used the barrier, which cannot be repaired.
    #[track_caller]
    pub fn reset(&self) -> Result<(), BrokenBarrier> {
        steps::take_turn(Kind::Break, self.identity(), Location::caller());
        let _held = self.lock()?;
        self.state.waiters.notify_all(BROKEN);
        self.state.broken.store(false, Relaxed);
        Ok(())
    }

    /// Breaks the barrier: current and later waiters get an error until it is reset.
    #[track_caller]
    pub fn abort(&self) {
        steps::take_turn(Kind::Break, self.identity(), Location::caller());
        // A barrier that cannot be locked any more is broken already.
        if let Ok(_held) = self.lock() {
            self.mark_broken();
        }
    }

    /// Returns how many must arrive.
    pub fn parties(&self) -> u32 {
        self.parties
    }

    /// Returns how many are waiting now.
    #[track_caller]
    pub fn n_waiting(&self) -> u32 {
        self.look(Location::caller(), || self.waiting())
    }

    /// Returns whether the barrier is broken.
    #[track_caller]
    pub fn broken(&self) -> bool {
        self.look(Location::caller(), || u32::from(self.is_broken())) != 0
    }

    /// Reads a number when it is the thread's turn.
    fn look(&self, place: Place, look: impl FnOnce() -> u32) -> u32 {
        steps::make(Kind::Load, self.identity(), place, || {
            let seen = look();
            (seen, seen, seen)
        })
    }

    fn waiting(&self) -> u32 {
        self.lock().map_or(0, |_held| self.state.waiters.len())
    }

    fn is_broken(&self) -> bool {
        self.state.broken.load(Relaxed) || self.state.lock.check_owner().is_err()
    }

    #[track_caller]
    fn wait_until(&self, deadline: Option<Instant>) -> Result<u32, BrokenBarrier> {
        steps::take_turn(Kind::Arrive, self.identity(), Location::caller());
        let held = self.lock()?;
        if self.state.broken.load(Relaxed) {
            return Err(BrokenBarrier);
        }
        let index = self.state.waiters.len();
        if index + 1 >= self.parties {
            self.run_action();
            self.state.waiters.notify_all(RELEASED);
            return Ok(index);
        }
        let waiter = self
            .state
            .waiters
            .enter()
            .unwrap_or_else(|| panic!("too many waiters at one barrier"));
        drop(held);

        let _blocked = Blocked::on(BlockedOn::Barrier, deadline.is_some());
        waiter.sleep(deadline, || self.state.lock.check_owner().is_err());
        if waiter.notification().is_none() {
            // Not all have arrived, or the process that was to notify was killed.
            let held = self.lock();
            if held.is_ok() && waiter.notification().is_none() {
                self.mark_broken();
            }
        }
        match waiter.leave() {
            Some(RELEASED) => Ok(index),
            _ => Err(BrokenBarrier),
        }
    }

    fn run_action(&self) {
        let Some(action) = &self.action else { return };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| action())) {
            self.mark_broken();
            resume_unwind(panic);
        }
    }

    fn mark_broken(&self) {
        self.state.broken.store(true, Relaxed);
        self.state.waiters.notify_all(BROKEN);
    }

    /// The address of the state, by which the kernel knows the barrier.
    fn identity(&self) -> usize {
        (&raw const **self.state).expose_provenance()
    }

    fn lock(&self) -> Result<ReleaseGuard<'_, InternalLock>, BrokenBarrier> {
        match self.state.lock.acquire() {
            Ok(()) => Ok(ReleaseGuard::new(&self.state.lock)),
            Err(_) => Err(BrokenBarrier),
        }
    }
}

impl fmt::Display for BrokenBarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the barrier is broken: not all parties arrived in time, or it was aborted or reset",
        )
    }
}

impl std::error::Error for BrokenBarrier {}

/// As Python prints it: `<multiprocessing.synchronize.Barrier at 0x7f0a1c2d3000: waiters=0/3>`.
impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = &raw const **self.state;
        write!(f, "<multiprocessing.synchronize.Barrier at {at:p}: ")?;
        match self.is_broken() {
            true => f.write_str("broken>"),
            false => write!(f, "waiters={}/{}>", self.waiting(), self.parties),
        }
    }
}
