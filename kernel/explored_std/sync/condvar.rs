//! `Condvar`.

use super::mutex::MutexGuard;
use crate::steps::{Kind, Place, Step};
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::{LockResult, PoisonError};
use std::time::Duration;

/// Whether a wait ended because its time was over, as in `std`, whose own cannot be made.
#[derive(Debug, PartialEq, Eq, Copy, Clone)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

#[derive(Default)]
#[repr(transparent)]
pub struct Condvar(std::sync::Condvar);

impl Condvar {
    pub const fn new() -> Condvar {
        Condvar(std::sync::Condvar::new())
    }

    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.wait_once(guard, Location::caller(), false).1
    }

    #[track_caller]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (is_notified, guard) = self.wait_once(guard, Location::caller(), true);
        let result = WaitTimeoutResult(!is_notified);
        match guard {
            Ok(guard) => Ok((guard, result)),
            Err(poisoned) => Err(PoisonError::new((poisoned.into_inner(), result))),
        }
    }

    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        timeout: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            let (woken, result) = self.wait_timeout(guard, timeout)?;
            guard = woken;
            if result.timed_out() {
                let is_over = condition(&mut *guard);
                return Ok((guard, WaitTimeoutResult(is_over)));
            }
        }
        Ok((guard, WaitTimeoutResult(false)))
    }

    #[track_caller]
    pub fn notify_one(&self) {
        Step::new(Kind::NotifyOne, self.identity(), Location::caller()).wait();
        self.0.notify_one();
    }

    #[track_caller]
    pub fn notify_all(&self) {
        Step::new(Kind::NotifyAll, self.identity(), Location::caller()).wait();
        self.0.notify_all();
    }

    /// Waits until it is notified. Returns false if the time was over instead. The runtime keeps the list of those who wait.
    fn wait_once<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        place: Place,
        is_timed: bool,
    ) -> (bool, LockResult<MutexGuard<'a, T>>) {
        let step = Step::new(Kind::Wait, self.identity(), place);
        step.releasing(guard.lock().identity()).wait();
        guard.release().retake(place, is_timed)
    }

    fn identity(&self) -> usize {
        (&raw const self.0).addr()
    }
}

impl Deref for Condvar {
    type Target = std::sync::Condvar;

    fn deref(&self) -> &std::sync::Condvar {
        &self.0
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
