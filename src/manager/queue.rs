//! A proxy of a queue.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::client::{RemoteObject, milliseconds, proxy, to_bytes};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;

/// A queue in a manager's server: Python's `manager.Queue()` and `manager.JoinableQueue()`, which are the same. It is
/// slower than [`Queue`](crate::prelude::Queue), but a proxy can be sent to processes that run already, and no process
/// waits for it when it exits.
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

    /// Returns whether a bounded queue has no room.
    pub fn full(&self) -> Result<bool, ManagerError> {
        let (most, _) = self.remote.ask(Op::Get, 0)?;
        Ok(most > 0 && self.qsize()? as i64 >= most)
    }

    /// Says that an item that was taken is done, or returns [`Value`](ManagerError::Value): `task_done() called too many
    /// times`.
    pub fn task_done(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::TaskDone, 0).map(drop)
    }

    /// Blocks until all items that were put are [done](Self::task_done).
    pub fn join(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Join, -1).map(drop)
    }
}
