//! A proxy of a condition.

use std::time::{Duration, Instant};

use super::client::{RemoteObject, milliseconds, plain_proxy};
use super::error::ManagerError;
use super::lock::{RLockProxyGuard, lock_methods};
use super::wire::Op;

/// A condition in a manager's server, with a re-entrant lock of its own: Python's `manager.Condition()`.
///
/// ```
/// use threadbook::prelude::*;
///
/// let manager = Manager::new()?;
/// let (condition, ready) = (manager.condition()?, manager.value(false)?);
/// let (in_child, set) = (condition.clone(), ready.clone());
/// let mut p = Process::new(move || {
///     let _guard = in_child.lock().unwrap();
///     set.set(true).unwrap();
///     in_child.notify_all().unwrap();
/// });
/// p.start()?;
/// let guard = condition.lock()?;
/// condition.wait_for(|| ready.get().unwrap())?;
/// drop(guard);
/// p.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ConditionProxy {
    remote: RemoteObject,
}

plain_proxy!(ConditionProxy, "ConditionProxy", "Condition");

lock_methods!(
    ConditionProxy,
    RLockProxyGuard,
    "Undoes one `acquire` of this thread, or returns [`Value`](ManagerError::Value): `cannot release un-acquired lock`."
);

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended); [`Value`](ManagerError::Value): the caller does not hold the lock.
impl ConditionProxy {
    /// Releases the lock, blocks until it is notified, and acquires the lock again.
    pub fn wait(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Wait, -1).map(drop)
    }

    /// As [`wait`](Self::wait), for at most `timeout` until the notification. Returns whether it came.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, ManagerError> {
        let (notified, _) = self.remote.ask(Op::Wait, milliseconds(timeout))?;
        Ok(notified == 1)
    }

    /// Waits until `true_now` returns true. It is called with the lock held.
    pub fn wait_for(&self, mut true_now: impl FnMut() -> bool) -> Result<(), ManagerError> {
        while !true_now() {
            self.wait()?;
        }
        Ok(())
    }

    /// As [`wait_for`](Self::wait_for), for at most `timeout`. Returns what `true_now` returned last.
    pub fn wait_for_timeout(
        &self,
        mut true_now: impl FnMut() -> bool,
        timeout: Duration,
    ) -> Result<bool, ManagerError> {
        let began = Instant::now();
        while !true_now() {
            let left = timeout.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            self.wait_timeout(left)?;
        }
        Ok(true)
    }

    /// Wakes those who wait, at most `most` of them, the longest first.
    pub fn notify(&self, most: u32) -> Result<(), ManagerError> {
        self.remote.ask(Op::Notify, most.into()).map(drop)
    }

    /// Wakes all who wait.
    #[doc(alias = "notifyAll")]
    pub fn notify_all(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Notify, -1).map(drop)
    }
}
