//! `Condvar`.

use super::mutex::MutexGuard;
use crate::events::{Event, Place, record};
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::{LockResult, PoisonError, WaitTimeoutResult};
use std::time::Duration;

type Woken<'a, T> = LockResult<(std::sync::MutexGuard<'a, T>, WaitTimeoutResult)>;

#[derive(Default)]
#[repr(transparent)]
pub struct Condvar(std::sync::Condvar);

impl Condvar {
    pub const fn new() -> Condvar {
        Condvar(std::sync::Condvar::new())
    }

    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let place = Location::caller();
        let guard = guard.into_std();
        record(Event::WantNotification, self.identity(), place);
        let woken = self.0.wait(guard);
        record(Event::WaitOver, self.identity(), place);
        match woken {
            Ok(guard) => Ok(MutexGuard::of(guard, place)),
            Err(poisoned) => {
                Err(PoisonError::new(MutexGuard::of(poisoned.into_inner(), place)))
            }
        }
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
        timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        self.wait_timed(guard, Location::caller(), |guard| self.0.wait_timeout(guard, timeout))
    }

    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
        condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        self.wait_timed(guard, Location::caller(), |guard| {
            self.0.wait_timeout_while(guard, timeout, condition)
        })
    }

    #[track_caller]
    pub fn notify_one(&self) {
        record(Event::Notify, self.identity(), Location::caller());
        self.0.notify_one();
    }

    #[track_caller]
    pub fn notify_all(&self) {
        record(Event::Notify, self.identity(), Location::caller());
        self.0.notify_all();
    }

    fn wait_timed<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        place: Place,
        wait: impl FnOnce(std::sync::MutexGuard<'a, T>) -> Woken<'a, T>,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let guard = guard.into_std();
        record(Event::WantNotification, self.identity(), place);
        let woken = wait(guard);
        record(Event::WaitOver, self.identity(), place);
        match woken {
            Ok((guard, result)) => Ok((MutexGuard::of(guard, place), result)),
            Err(poisoned) => {
                let (guard, result) = poisoned.into_inner();
                Err(PoisonError::new((MutexGuard::of(guard, place), result)))
            }
        }
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
