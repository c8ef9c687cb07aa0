//! Proxies of a semaphore, an event and a barrier.

use std::time::Duration;

use super::client::{RemoteObject, milliseconds, plain_proxy};
use super::error::ManagerError;
use super::wire::Op;

/// A semaphore in a manager's server: Python's `manager.Semaphore()` and `manager.BoundedSemaphore()`.
#[derive(Clone)]
pub struct SemaphoreProxy {
    remote: RemoteObject,
}

plain_proxy!(SemaphoreProxy, "AcquirerProxy", "Semaphore");

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), and what each says.
impl SemaphoreProxy {
    /// Takes a permit. Blocks until there is one.
    pub fn acquire(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Acquire, -1).map(drop)
    }

    /// Takes a permit. Blocks for at most `timeout`, and returns whether there was one.
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<bool, ManagerError> {
        let (taken, _) = self.remote.ask(Op::Acquire, milliseconds(timeout))?;
        Ok(taken == 1)
    }

    /// Puts a permit back, or returns [`Value`](ManagerError::Value): `Semaphore released too many times`, of a bounded
    /// one.
    pub fn release(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Release, 1).map(drop)
    }

    /// Returns the number of permits.
    #[doc(alias = "get_value")]
    pub fn value(&self) -> Result<i64, ManagerError> {
        self.remote.ask(Op::Get, 0).map(|(value, _)| value)
    }
}

/// An event in a manager's server: Python's `manager.Event()`.
#[derive(Clone)]
pub struct EventProxy {
    remote: RemoteObject,
}

plain_proxy!(EventProxy, "EventProxy", "Event");

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended).
impl EventProxy {
    /// Sets the event: all who wait go on.
    pub fn set(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Set, 0).map(drop)
    }

    /// Resets the event.
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Clear, 0).map(drop)
    }

    /// Returns whether the event is set.
    #[doc(alias = "isSet")]
    pub fn is_set(&self) -> Result<bool, ManagerError> {
        self.remote.ask(Op::Get, 0).map(|(is_set, _)| is_set == 1)
    }

    /// Blocks until the event is set.
    pub fn wait(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Wait, -1).map(drop)
    }

    /// Blocks until the event is set, for at most `timeout`. Returns whether it is.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, ManagerError> {
        let (is_set, _) = self.remote.ask(Op::Wait, milliseconds(timeout))?;
        Ok(is_set == 1)
    }
}

/// A barrier in a manager's server: Python's `manager.Barrier()`.
///
/// It takes no action, since the server has no code: let the one whose [`wait`](Self::wait) returns 0 do it. If a
/// process is killed while it waits, the barrier is broken; in Python the others wait for ever.
#[derive(Clone)]
pub struct BarrierProxy {
    remote: RemoteObject,
}

plain_proxy!(BarrierProxy, "BarrierProxy", "Barrier");

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), and what each says.
impl BarrierProxy {
    /// Blocks until all are there. Returns the place of the caller among them, from 0 on; or
    /// [`Broken`](ManagerError::Broken).
    pub fn wait(&self) -> Result<usize, ManagerError> {
        self.remote
            .ask(Op::Wait, -1)
            .map(|(place, _)| place as usize)
    }

    /// As [`wait`](Self::wait), for at most `timeout`: then the barrier is [`Broken`](ManagerError::Broken) for all.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<usize, ManagerError> {
        let (place, _) = self.remote.ask(Op::Wait, milliseconds(timeout))?;
        Ok(place as usize)
    }

    /// Breaks the barrier: all who wait, and who come later, get an error.
    pub fn abort(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Abort, 0).map(drop)
    }

    /// Makes the barrier whole and empty. Those who wait get an error.
    pub fn reset(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Reset, 0).map(drop)
    }

    /// Returns how many must be there.
    pub fn parties(&self) -> Result<usize, ManagerError> {
        let (_, parts) = self.remote.ask(Op::Get, 0)?;
        let parties = parts.get(1).and_then(|part| part.first_chunk());
        Ok(parties.map_or(0, |parties| u64::from_le_bytes(*parties) as usize))
    }

    /// Returns how many wait.
    pub fn n_waiting(&self) -> Result<usize, ManagerError> {
        self.remote
            .ask(Op::Get, 0)
            .map(|(waiting, _)| waiting as usize)
    }

    /// Returns whether the barrier is broken.
    pub fn broken(&self) -> Result<bool, ManagerError> {
        let (_, parts) = self.remote.ask(Op::Get, 0)?;
        Ok(parts.first().is_some_and(|part| **part == [1]))
    }
}
