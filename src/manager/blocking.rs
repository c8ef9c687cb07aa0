//! Proxies whose calls block: a lock and a queue.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::client::{RemoteObject, proxy, to_bytes};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;

/// A lock in a manager's server: Python's `manager.Lock()`. Any process may release it.
#[derive(Clone)]
pub struct LockProxy {
    remote: RemoteObject,
}

/// A held [`LockProxy`]. Dropping it releases the lock.
#[must_use = "the lock is released when this is dropped"]
pub struct LockProxyGuard<'a>(&'a LockProxy);

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), and what each says.
impl LockProxy {
    pub(super) fn of(remote: RemoteObject) -> Self {
        Self { remote }
    }

    /// Acquires the lock, or returns [`OwnerDied`](ManagerError::OwnerDied).
    pub fn acquire(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Acquire, -1).map(drop)
    }

    /// Acquires the lock. Blocks for at most `timeout`, and returns whether it has the lock; or
    /// [`OwnerDied`](ManagerError::OwnerDied).
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<bool, ManagerError> {
        let (taken, _) = self.remote.ask(Op::Acquire, milliseconds(timeout))?;
        Ok(taken == 1)
    }

    /// Releases the lock, or returns [`Value`](ManagerError::Value): `release unlocked lock`.
    pub fn release(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Release, 0).map(drop)
    }

    /// Acquires the lock until the guard is dropped: Python's `with lock:`.
    pub fn lock(&self) -> Result<LockProxyGuard<'_>, ManagerError> {
        self.acquire().map(|()| LockProxyGuard(self))
    }
}

impl Drop for LockProxyGuard<'_> {
    fn drop(&mut self) {
        // Without a server there is no lock either.
        let _ = self.0.release();
    }
}

impl Serialize for LockProxy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.remote.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LockProxy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RemoteObject::deserialize(deserializer).map(Self::of)
    }
}

impl fmt::Debug for LockProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.remote.describe(f, "AcquirerProxy", "Lock")
    }
}

impl fmt::Debug for LockProxyGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A queue in a manager's server: Python's `manager.Queue()`. It is slower than [`Queue`](crate::prelude::Queue), but a
/// proxy can be sent to processes that run already, and no process waits for it when it exits.
pub struct QueueProxy<T: Item> {
    remote: RemoteObject,
    item: PhantomData<fn(T) -> T>,
}

proxy!(QueueProxy<T>, "Queue");

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item), and what each says.
impl<T: Item> QueueProxy<T> {
    /// Puts an item. Blocks while a bounded queue is full.
    pub fn put(&self, item: T) -> Result<(), ManagerError> {
        self.remote.call(Op::Put, -1, &[to_bytes(&item)?]).map(drop)
    }

    /// Puts an item, or returns [`Full`](ManagerError::Full) at once.
    pub fn put_nowait(&self, item: T) -> Result<(), ManagerError> {
        self.put_timeout(item, Duration::ZERO)
    }

    /// Puts an item, or returns [`Full`](ManagerError::Full) after `timeout`.
    pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), ManagerError> {
        let limit = milliseconds(timeout);
        self.remote
            .call(Op::Put, limit, &[to_bytes(&item)?])
            .map(drop)
    }

    /// Takes an item. Blocks until there is one.
    pub fn get(&self) -> Result<T, ManagerError> {
        self.remote.fetch(Op::Take, -1, &[])
    }

    /// Takes an item, or returns [`Empty`](ManagerError::Empty) at once.
    pub fn get_nowait(&self) -> Result<T, ManagerError> {
        self.get_timeout(Duration::ZERO)
    }

    /// Takes an item, or returns [`Empty`](ManagerError::Empty) after `timeout`.
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, ManagerError> {
        self.remote.fetch(Op::Take, milliseconds(timeout), &[])
    }

    /// Returns the number of items.
    pub fn qsize(&self) -> Result<usize, ManagerError> {
        self.remote.ask(Op::Len, 0).map(|(count, _)| count as usize)
    }

    /// Returns whether there are none.
    pub fn empty(&self) -> Result<bool, ManagerError> {
        self.qsize().map(|count| count == 0)
    }
}

/// Rounds up; a time that is too long to be sent is longer than anyone waits.
fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}
