//! A pool that several processes share.

use std::io;

use super::client::{RemoteObject, plain_proxy};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;
use crate::pool::{Pool, PoolError, Star};

/// A pool whose workers all processes together share: Python's `manager.Pool()`.
///
/// A server cannot run a closure that it does not have. So each process forks its own workers, which have its closure
/// and its items, and the server counts them: all processes together never have more than the pool has slots. Those of a
/// process that was killed become free.
///
/// ```
/// use threadbook::prelude::*;
///
/// let manager = Manager::new()?;
/// let pool = manager.pool(2)?;
/// let in_child = pool.clone();
/// let mut p = Process::new(move || {
///     assert_eq!(in_child.map(|n| n * n, [1, 2]).unwrap(), [1, 4]);
/// });
/// p.start()?;
/// assert_eq!(pool.map(|n| n + 1, [1, 2])?, [2, 3]);
/// p.join()?;
/// assert_eq!(p.exitcode(), Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PoolProxy {
    remote: RemoteObject,
}

plain_proxy!(PoolProxy, "PoolProxy", "Pool");

/// Slots that this process has. Dropping them releases them.
struct AcquiredSlots<'a> {
    remote: &'a RemoteObject,
    count: usize,
}

/// # Errors
/// All methods: those of [`Pool`]; [`Start`](PoolError::Start), with a [`ManagerError`] within, if the server cannot be
/// reached.
impl PoolProxy {
    /// Calls `f` with each item, in several processes, and returns the results in the order of the items. Blocks until
    /// a slot is free, and uses as many as are free then.
    pub fn map<I, R, F>(&self, f: F, items: I) -> Result<Vec<R>, PoolError>
    where
        I: IntoIterator,
        R: Item,
        F: Fn(I::Item) -> R,
    {
        let items = Vec::from_iter(items);
        let slots = AcquiredSlots::new(&self.remote, items.len()).map_err(unreachable_server)?;
        match slots.count {
            0 => Ok(Vec::new()),
            count => Pool::new(count).map(f, items),
        }
    }

    /// As [`map`](Self::map), for a function of several arguments: the items are tuples.
    pub fn starmap<I, R, F>(&self, f: F, items: I) -> Result<Vec<R>, PoolError>
    where
        I: IntoIterator,
        R: Item,
        F: Star<I::Item, R>,
    {
        self.map(|arguments| f.call(arguments), items)
    }

    /// Calls `f` in a worker and waits for its result.
    pub fn apply<R: Item>(&self, f: impl FnOnce() -> R) -> Result<R, PoolError> {
        let _slot = AcquiredSlots::new(&self.remote, 1).map_err(unreachable_server)?;
        Pool::new(1).apply(f)
    }
}

fn unreachable_server(error: ManagerError) -> PoolError {
    PoolError::Start(io::Error::other(error))
}

impl<'a> AcquiredSlots<'a> {
    /// Waits for one slot, and takes those that are free then, at most `most`.
    fn new(remote: &'a RemoteObject, most: usize) -> Result<Self, ManagerError> {
        let mut slots = Self { remote, count: 0 };
        while slots.count < most {
            let limit = if slots.count == 0 { -1 } else { 0 };
            let (taken, _) = remote.ask(Op::Acquire, limit)?;
            if taken == 0 {
                break;
            }
            slots.count += 1;
        }
        Ok(slots)
    }
}

impl Drop for AcquiredSlots<'_> {
    fn drop(&mut self) {
        for _ in 0..self.count {
            // Without a server there are no slots either.
            let _ = self.remote.ask(Op::Release, 0);
        }
    }
}
