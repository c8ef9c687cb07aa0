//! A condition: waiting, under a lock, until another process says that something has changed.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::lock::{Lock, LockGuard};
use super::raw_lock::{OwnerDied, RawLock};
use super::rlock::{RLock, RLockGuard};
use super::wait_list::WaitList;
use crate::mapping::Shared;
use crate::notebook::steps::{self, Kind};
use crate::notebook::{Blocked, BlockedOn};
use crate::wait::deadline;

/// The only notification of a condition.
const NOTIFIED: u32 = 0;

/// A lock, and a queue of waiters for changes of what it protects: Python's `multiprocessing.Condition`.
///
/// A clone is the same condition. [`wait`](Self::wait) releases the lock, sleeps until another thread of any process
/// calls [`notify`](Self::notify), and takes the lock again. `notify` wakes the waiters in order of arrival, and never
/// one that came later.
///
/// | Python | Rust |
/// | --- | --- |
/// | `Condition()`, `Condition(lock)` | `Condition::new()`, `Condition::with_lock(&lock)` |
/// | `with cond:` | `let _guard = cond.lock();` |
/// | `cond.wait()` | `cond.wait()?` |
/// | `cond.wait(timeout=1)` | `cond.wait_timeout(Duration::from_secs(1))?` |
/// | `cond.wait_for(f)` | `cond.wait_for(f)?` |
/// | `cond.notify()`, `cond.notify(2)`, `cond.notify_all()` | `cond.notify(1)`, `cond.notify(2)`, `cond.notify_all()` |
///
/// ```
/// use threadbook::prelude::*;
///
/// let (ready, changed) = (Value::new(false), Condition::new());
/// let (in_child, tell) = (ready.clone(), changed.clone());
/// let mut p = Process::new(move || {
///     let _guard = tell.lock();
///     in_child.set(true);
///     tell.notify(1);
/// });
/// p.start()?;
/// let guard = changed.lock();
/// changed.wait_for(|| ready.get())?;
/// drop(guard);
/// p.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Condition {
    lock: ConditionLock,
    waiters: Arc<Shared<WaitList>>,
}

/// The lock of a [`Condition`]: its own [`RLock`], or a given one.
#[derive(Clone)]
pub enum ConditionLock {
    /// Not re-entrant.
    Lock(Lock),
    /// Re-entrant; `wait` releases it no matter how often it was acquired.
    RLock(RLock),
}

/// The lock of a [`Condition`], held until this is dropped.
#[must_use = "the lock is released at once if the guard is not kept"]
#[derive(Debug)]
pub enum ConditionGuard<'a> {
    /// Of a [`Lock`].
    Lock(LockGuard<'a>),
    /// Of an [`RLock`].
    RLock(RLockGuard<'a>),
}

impl Condition {
    /// Creates a condition with an [`RLock`] of its own.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new() -> Self {
        Self::with_lock(&RLock::new())
    }

    /// Creates a condition with a [`Lock`] or [`RLock`] that others may use too.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn with_lock<L: Clone + Into<ConditionLock>>(lock: &L) -> Self {
        Self {
            lock: lock.clone().into(),
            waiters: Arc::new(Shared::new("condition")),
        }
    }

    /// Acquires the lock. Blocks until it is free.
    ///
    /// # Errors
    /// The lock's owner has exited without releasing it.
    pub fn acquire(&self) -> Result<(), OwnerDied> {
        match &self.lock {
            ConditionLock::Lock(lock) => lock.acquire(),
            ConditionLock::RLock(lock) => lock.acquire(),
        }
    }

    /// Undoes one `acquire`.
    ///
    /// # Panics
    /// As the lock's own `release`.
    #[track_caller]
    pub fn release(&self) {
        match &self.lock {
            ConditionLock::Lock(lock) => lock.release(),
            ConditionLock::RLock(lock) => lock.release(),
        }
    }

    /// Acquires the lock until the guard is dropped: Python's `with condition:`.
    ///
    /// # Panics
    /// If the lock's owner has exited without releasing it.
    #[track_caller]
    pub fn lock(&self) -> ConditionGuard<'_> {
        match &self.lock {
            ConditionLock::Lock(lock) => ConditionGuard::Lock(lock.lock()),
            ConditionLock::RLock(lock) => ConditionGuard::RLock(lock.lock()),
        }
    }

    /// Releases the lock, sleeps until it is notified, and acquires the lock again.
    ///
    /// # Errors
    /// The lock's owner has exited without releasing it; then the caller does not hold the lock.
    ///
    /// # Panics
    /// `must acquire() condition before using wait()`; or 4096 are waiting already.
    #[track_caller]
    pub fn wait(&self) -> Result<(), OwnerDied> {
        self.wait_until(None).map(drop)
    }

    /// As [`wait`](Self::wait), for at most `limit`. Returns false if it was not notified in time.
    ///
    /// # Errors
    /// As `wait`.
    ///
    /// # Panics
    /// As `wait`.
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> Result<bool, OwnerDied> {
        self.wait_until(deadline(limit))
    }

    /// Waits until `true_now` returns true. It is called first, and after each notification, under the lock.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As `wait`.
    #[track_caller]
    pub fn wait_for(&self, mut true_now: impl FnMut() -> bool) -> Result<(), OwnerDied> {
        while !true_now() {
            self.wait()?;
        }
        Ok(())
    }

    /// As [`wait_for`](Self::wait_for), for at most `limit`. Returns the last result of `true_now`.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As `wait`.
    #[track_caller]
    pub fn wait_for_timeout(
        &self,
        mut true_now: impl FnMut() -> bool,
        limit: Duration,
    ) -> Result<bool, OwnerDied> {
        let deadline = deadline(limit);
        while !true_now() {
            if !self.wait_until(deadline)? {
                return Ok(true_now());
            }
        }
        Ok(true)
    }

    /// Wakes the first `most` waiters. They go on when the caller has released the lock.
    ///
    /// # Panics
    /// `lock is not owned`
    #[track_caller]
    pub fn notify(&self, most: u32) {
        assert!(self.raw_lock().is_mine(), "lock is not owned");
        let kind = match most {
            1 => Kind::NotifyOne,
            _ => Kind::NotifyAll,
        };
        steps::take_turn(kind, self.identity(), Location::caller());
        self.waiters.notify(most, NOTIFIED);
    }

    /// Wakes all waiters.
    ///
    /// # Panics
    /// `lock is not owned`
    #[doc(alias = "notifyAll")]
    #[track_caller]
    pub fn notify_all(&self) {
        assert!(self.raw_lock().is_mine(), "lock is not owned");
        steps::take_turn(Kind::NotifyAll, self.identity(), Location::caller());
        self.waiters.notify_all(NOTIFIED);
    }

    #[track_caller]
    fn wait_until(&self, deadline: Option<Instant>) -> Result<bool, OwnerDied> {
        assert!(
            self.raw_lock().is_mine(),
            "must acquire() condition before using wait()"
        );
        let waiter = self
            .waiters
            .enter()
            .unwrap_or_else(|| panic!("too many waiters for one condition"));
        let (condition, place) = (self.identity(), Location::caller());
        let again = match &self.lock {
            ConditionLock::RLock(lock) => lock.raw().release_all_to_wait(condition, place),
            ConditionLock::Lock(lock) => {
                // The caller holds the lock, so it is not free.
                let _ = lock.raw().release_to_wait(condition, place);
                0
            }
        };
        let _blocked = Blocked::on(BlockedOn::Notification, deadline.is_some());
        waiter.sleep(deadline, || false);
        let locked = self.raw_lock().acquire();
        let notified = waiter.leave().is_some();
        locked?;
        if let ConditionLock::RLock(lock) = &self.lock {
            lock.raw().restore(again);
        }
        Ok(notified)
    }

    /// The address of the waiters, by which the kernel knows the condition.
    fn identity(&self) -> usize {
        (&raw const **self.waiters).expose_provenance()
    }

    fn raw_lock(&self) -> &RawLock {
        match &self.lock {
            ConditionLock::Lock(lock) => lock.raw(),
            ConditionLock::RLock(lock) => lock.raw().lock(),
        }
    }
}

impl Default for Condition {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Lock> for ConditionLock {
    fn from(lock: Lock) -> Self {
        Self::Lock(lock)
    }
}

impl From<RLock> for ConditionLock {
    fn from(lock: RLock) -> Self {
        Self::RLock(lock)
    }
}

impl fmt::Debug for ConditionLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock(lock) => lock.fmt(f),
            Self::RLock(lock) => lock.fmt(f),
        }
    }
}

/// As Python prints it, with the number of waiters: `<Condition(<RLock(None, 0)>, 0)>`.
impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Condition({:?}, {})>", self.lock, self.waiters.len())
    }
}
