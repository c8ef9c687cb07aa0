//! Objects in a server process, which other processes use through proxies.
//!
//! | Python | Rust here |
//! | --- | --- |
//! | `with Manager() as manager:` | `let manager = Manager::new()?;`, dropped at its end |
//! | `manager.list([1, 2])`, `manager.dict()` | `manager.list([1, 2])?`, `manager.dict([])?` |
//! | `manager.Value('i', 0)`, `v.value`, `v.value = 1` | `manager.value(0)?`, `v.get()?`, `v.set(1)?` |
//! | `manager.Lock()`, `with lock:` | `manager.lock()?`, `let _guard = lock.lock()?;` |
//! | `manager.Queue()`, `manager.Queue(3)` | `manager.queue()?`, `manager.bounded_queue(3)?` |
//! | `manager.JoinableQueue()`, `q.task_done()`, `q.join()` | `manager.joinable_queue()?`, `q.task_done()?`, `q.join()?` |
//! | `manager.RLock()`, `manager.Semaphore(2)`, `manager.BoundedSemaphore(2)` | `manager.rlock()?`, `manager.semaphore(2)?`, `manager.bounded_semaphore(2)?` |
//! | `manager.Event()`, `manager.Condition()`, `manager.Barrier(3)` | `manager.event()?`, `manager.condition()?`, `manager.barrier(3)?` |
//! | `manager.Array('i', [1, 2])`, `manager.set([1])`, `manager.Pool(4)` | `manager.array([1, 2])?`, `manager.set([1])?`, `manager.pool(4)?` |
//! | `manager.Namespace()`, `ns.x = 1`, `ns.x` | `manager.namespace()?`, `ns.set("x", 1)?`, `ns.get::<i32>("x")?` |
//! | `l.append(1)`, `l[0]`, `l[0] = 2`, `l[:]`, `len(l)` | `l.append(1)?`, `l.get(0)?`, `l.set(0, 2)?`, `l.to_vec()?`, `l.len()?` |
//! | `for x in l:` | `for x in l.iter()?` |
//! | `d["k"] = 1`, `d["k"]`, `"k" in d`, `d.items()` | `d.set(k, 1)?`, `d.get(&k)?`, `d.contains_key(&k)?`, `d.items()?` |
//! | `print(l)`, `repr(l)` | `println!("{l}")`, `repr(&l)` |
//! | `manager.shutdown()` | `manager.shutdown()` |
//!
//! [`Manager::new`] forks a process, `SyncManager-N`, with a thread for each thread that uses it. The server stores
//! bytes, not values, so it needs no code of any type, and a manager of one cell serves the types of the next. It
//! ignores Ctrl-C, is killed when its parent exits, and accepts only connections of the same user.
//!
//! What differs, and why:
//!
//! - Errors of the server are values, [`ManagerError`]; calls also return one when the server was killed.
//! - `iter` copies the whole list in one step; Python fetches the elements one by one.
//! - A lock whose owner was killed is an error for its waiters; in Python they wait for ever.
//! - An object lives as long as its manager; in Python, as long as its proxies.
//!
//! As in Python, every method is a request to the server and its reply, so `l.set(0, l.get(0)? + 1)` can lose updates.
//! `get` returns a copy: changing it changes nothing in the server.

mod array;
mod client;
mod condition;
mod dict;
mod endpoint;
mod error;
mod list;
mod lock;
mod object;
mod pool;
mod queue;
mod server;
mod set;
mod synchronize;
mod transport;
mod value;
mod wire;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use array::ArrayProxy;
pub use condition::ConditionProxy;
pub use dict::{DictProxy, Namespace};
pub use error::ManagerError;
pub use list::ListProxy;
pub use lock::{LockProxy, LockProxyGuard, RLockProxy, RLockProxyGuard};
pub use pool::PoolProxy;
pub use queue::QueueProxy;
pub use set::SetProxy;
pub use synchronize::{BarrierProxy, EventProxy, SemaphoreProxy};
pub use value::ValueProxy;

use self::client::{RemoteObject, all_to_bytes, to_bytes};
use self::wire::Op;
use crate::ipc::Item;
use crate::os;
use crate::process::{ChildProcess, Process};

#[cfg(test)]
mod tests;

/// A server process for objects that other processes use: Python's `multiprocessing.Manager`.
///
/// ```
/// use threadbook::prelude::*;
///
/// let manager = Manager::new()?;
/// let records = manager.list([("Sam".to_string(), 10)])?;
/// let in_child = records.clone();
/// let mut p = Process::new(move || in_child.append(("Jeff".to_string(), 8)).unwrap());
/// p.start()?;
/// p.join()?;
/// for (name, score) in records.iter()? {
///     println!("{name}: {score}");
/// }
/// assert_eq!(records.len()?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Dropping it shuts down the server, with its objects. The [module](self) describes the differences from Python's.
#[doc(alias = "SyncManager")]
pub struct Manager {
    address: Arc<str>,
    server: ChildProcess,
    /// The process that created it, and the only one that shuts it down.
    owner_pid: u32,
}

impl Manager {
    /// Starts a server.
    ///
    /// # Errors
    /// The system has no process or socket left; `daemonic processes are not allowed to have children`.
    pub fn new() -> io::Result<Self> {
        // Before the fork, so that the first client can connect at once.
        let (address, listener) = endpoint::listen()?;
        let mut process = Process::of_kind("SyncManager", move || server::serve(&listener));
        process.set_daemon(true)?;
        process.start()?;
        let server = process
            .child()
            .ok_or_else(|| io::Error::other("the manager's process has no handle"))?;
        let manager = Self {
            address: address.into(),
            server,
            owner_pid: os::process_id(),
        };
        // Once it answers, it ignores Ctrl-C.
        client::ping(&manager.address).map_err(io::Error::other)?;
        Ok(manager)
    }

    /// Creates a list with these values.
    ///
    /// # Errors
    /// [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item), as for all methods here.
    pub fn list<T: Item>(
        &self,
        values: impl IntoIterator<Item = T>,
    ) -> Result<ListProxy<T>, ManagerError> {
        let parts = all_to_bytes(values)?;
        RemoteObject::create(&self.address, Op::NewList, 0, &parts).map(ListProxy::of)
    }

    /// Creates a dict with these keys and values.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    pub fn dict<K: Item, V: Item>(
        &self,
        items: impl IntoIterator<Item = (K, V)>,
    ) -> Result<DictProxy<K, V>, ManagerError> {
        let mut parts = Vec::new();
        for (key, value) in items {
            parts.extend([to_bytes(&key)?, to_bytes(&value)?]);
        }
        RemoteObject::create(&self.address, Op::NewDict, 0, &parts).map(DictProxy::of)
    }

    /// Creates a value.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Value")]
    pub fn value<T: Item>(&self, value: T) -> Result<ValueProxy<T>, ManagerError> {
        let parts = [to_bytes(&value)?];
        RemoteObject::create(&self.address, Op::NewValue, 0, &parts).map(ValueProxy::of)
    }

    /// Creates a lock.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Lock")]
    pub fn lock(&self) -> Result<LockProxy, ManagerError> {
        RemoteObject::create(&self.address, Op::NewLock, 0, &[]).map(LockProxy::of)
    }

    /// Creates a queue of any number of items.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Queue")]
    pub fn queue<T: Item>(&self) -> Result<QueueProxy<T>, ManagerError> {
        self.bounded_queue(0)
    }

    /// Creates a queue of at most `maxsize` items at a time; 0 means any number.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    pub fn bounded_queue<T: Item>(&self, maxsize: usize) -> Result<QueueProxy<T>, ManagerError> {
        RemoteObject::create(&self.address, Op::NewQueue, maxsize as i64, &[]).map(QueueProxy::of)
    }

    /// Creates an empty namespace.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Namespace")]
    pub fn namespace(&self) -> Result<Namespace, ManagerError> {
        RemoteObject::create(&self.address, Op::NewDict, 0, &[]).map(Namespace::of)
    }

    /// Creates a queue whose items can be waited for. Every queue of a manager can, as in Python.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "JoinableQueue")]
    pub fn joinable_queue<T: Item>(&self) -> Result<QueueProxy<T>, ManagerError> {
        self.queue()
    }

    /// Creates a list of fixed length with these values.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Array")]
    pub fn array<T: Item>(
        &self,
        values: impl IntoIterator<Item = T>,
    ) -> Result<ArrayProxy<T>, ManagerError> {
        let parts = all_to_bytes(values)?;
        RemoteObject::create(&self.address, Op::NewList, 0, &parts).map(ArrayProxy::of)
    }

    /// Creates a set of these values.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    pub fn set<T: Item>(
        &self,
        values: impl IntoIterator<Item = T>,
    ) -> Result<SetProxy<T>, ManagerError> {
        let keys = all_to_bytes(values)?;
        let parts: Vec<Vec<u8>> = keys.into_iter().flat_map(|key| [key, Vec::new()]).collect();
        RemoteObject::create(&self.address, Op::NewDict, 0, &parts).map(SetProxy::of)
    }

    /// Creates a re-entrant lock.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "RLock")]
    pub fn rlock(&self) -> Result<RLockProxy, ManagerError> {
        RemoteObject::create(&self.address, Op::NewCondition, 0, &[]).map(RLockProxy::of)
    }

    /// Creates a condition with a re-entrant lock of its own.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Condition")]
    pub fn condition(&self) -> Result<ConditionProxy, ManagerError> {
        RemoteObject::create(&self.address, Op::NewCondition, 0, &[]).map(ConditionProxy::of)
    }

    /// Creates a semaphore with this many permits.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Semaphore")]
    pub fn semaphore(&self, permits: u32) -> Result<SemaphoreProxy, ManagerError> {
        RemoteObject::create(&self.address, Op::NewSemaphore, permits.into(), &[])
            .map(SemaphoreProxy::of)
    }

    /// Creates a semaphore that never has more than this many permits.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "BoundedSemaphore")]
    pub fn bounded_semaphore(&self, permits: u32) -> Result<SemaphoreProxy, ManagerError> {
        let bounded = [Vec::new()];
        RemoteObject::create(&self.address, Op::NewSemaphore, permits.into(), &bounded)
            .map(SemaphoreProxy::of)
    }

    /// Creates an event that is not set.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Event")]
    pub fn event(&self) -> Result<EventProxy, ManagerError> {
        RemoteObject::create(&self.address, Op::NewEvent, 0, &[]).map(EventProxy::of)
    }

    /// Creates a barrier for this many (at least 1).
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Barrier")]
    pub fn barrier(&self, parties: u32) -> Result<BarrierProxy, ManagerError> {
        RemoteObject::create(&self.address, Op::NewBarrier, parties.into(), &[])
            .map(BarrierProxy::of)
    }

    /// Creates a pool whose workers, at most `processes` (at least 1), all processes share.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    #[doc(alias = "Pool")]
    pub fn pool(&self, processes: u32) -> Result<PoolProxy, ManagerError> {
        RemoteObject::create(&self.address, Op::NewSlots, processes.into(), &[]).map(PoolProxy::of)
    }

    /// Returns the server's process id.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Shuts down the server and waits for its exit. Calls of its proxies are errors from then on. In a process other
    /// than the one that created the manager this does nothing.
    pub fn shutdown(&self) {
        /// How long to wait for the server to exit by itself, and then by a signal, as in Python.
        const GRACE: Duration = Duration::from_secs(1);

        if self.owner_pid != os::process_id() || !self.server.is_alive() {
            return;
        }
        // An error of any step means that the server has exited, which the next step finds out.
        let _ = client::end_server(&self.address, GRACE);
        if !matches!(self.server.join_timeout(GRACE), Ok(true)) {
            let _ = self.server.terminate();
        }
        if !matches!(self.server.join_timeout(GRACE), Ok(true)) {
            let _ = self.server.kill();
            let _ = self.server.join();
        }
        endpoint::remove(&self.address);
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<SyncManager pid={}>", self.pid())
    }
}
