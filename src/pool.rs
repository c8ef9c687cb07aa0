//! Pools of processes.
//!
//! | Python | Rust here |
//! | --- | --- |
//! | `Pool(4)`, `Pool()` | `Pool::new(4)`, `Pool::default()` |
//! | `pool.map(f, items)` | `pool.map(f, items)?` |
//! | `pool.map(f, items, chunksize=10)` | `pool.map_chunks(f, items, 10)?` |
//! | `pool.starmap(f, [(1, 2)])` | `pool.starmap(f, [(1, 2)])?` |
//! | `pool.imap(f, items)`, `pool.imap_unordered(f, items)` | the same, an iterator of `Result`s |
//! | `pool.apply(f, (1,))` | `pool.apply(\|\| f(1))?` |
//! | `r = pool.apply_async(f, (1,))`, `r.get(timeout=1)` | `let r = pool.apply_async(move \|\| f(1))?;`, `r.get_timeout(second)?` |
//! | `r.get()`, `r.wait()`, `r.ready()`, `r.successful()` | `r.get()?`, `r.wait()`, `r.ready()`, `r.successful()?` |
//! | `pool.map_async(f, items)`, `pool.starmap_async(f, pairs)` | the same, with `?` |
//! | `pool.apply_async(f, callback=c, error_callback=e)` | `pool.apply_async_with(f, TaskOptions::new().callback(c).error_callback(e))?` |
//! | `Pool(4, initializer=f, maxtasksperchild=10)` | `Pool::new(4).initializer(f).maxtasksperchild(10)` |
//! | `with Pool() as pool:` ends with `terminate` | the pool is dropped |
//! | `pool.close()`, `pool.terminate()`, `pool.join()` | `pool.close()`, `pool.terminate()`, `pool.join()?` |
//!
//! What differs, and why:
//!
//! - Python starts its workers with the pool and sends them the name of a function. They know only what existed when
//!   the pool was created, and no lambdas. A closure cannot be sent, and a process that was started in an earlier cell
//!   does not contain a later cell's code. So here each call forks its workers, at most as many as the pool has slots,
//!   and they exit with the call. They get the closure and the items by the fork: any closure will do, the items need
//!   no serde, and only the results are sent. This costs one fork per worker and call (a fraction of a millisecond
//!   each); within a call, workers process chunk after chunk. Each is a new process, so the numbers in the names
//!   `ForkPoolWorker-N` keep increasing from call to call.
//! - A call whose worker dies fails at once, with [`PoolError::WorkerDied`]. Python waits for ever. Other calls go on,
//!   and the next ones get new workers.
//! - A call whose worker cannot be initialized fails, with [`PoolError::Initializer`]. Python starts new workers for
//!   ever.
//! - `imap` collects all items first, not as it goes.
//!
//! As in Python, results keep the order of the items, a chunk is a fourth of a worker's even share, and after a panic
//! the other chunks are done before `map` returns (the panic of the first of the items that panicked). Workers are
//! daemons: they cannot have children.

mod async_result;
mod asynchronous;
mod calls;
mod error;
mod imap;
mod options;
mod slots;
mod star;
mod supervisor;
mod task_threads;
mod worker;
mod workers;

use std::fmt;
use std::sync::Arc;

pub use async_result::AsyncResult;
pub use error::PoolError;
pub use imap::Results;
pub use options::TaskOptions;
pub use star::Star;

use self::calls::run_one;
use self::slots::{Phase, Slots};
use self::task_threads::TaskThreads;
use crate::ipc::Item;
use crate::process::cpu_count;

#[cfg(test)]
mod tests;

/// Runs a closure on many items in several processes: Python's `multiprocessing.Pool`.
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = Pool::new(4);
/// let squares = pool.map(|n| n * n, [1, 2, 3, 4, 5])?;
/// assert_eq!(squares, [1, 4, 9, 16, 25]);
///
/// let error = pool.map(|n: i32| 10 / n, [1, 0]).unwrap_err();
/// assert_eq!(error.to_string(), "attempt to divide by zero");
/// # Ok::<(), PoolError>(())
/// ```
///
/// Dropping the pool kills its workers: results that were not taken are lost. The [module](self) describes the
/// differences from Python's.
pub struct Pool {
    slots: Arc<Slots>,
    threads: Arc<TaskThreads>,
    /// Its one thread calls the callbacks.
    callbacks: Arc<TaskThreads>,
}

impl Pool {
    /// Creates a pool of at most `processes` workers at a time. None is started yet.
    ///
    /// # Panics
    /// If `processes` is 0.
    pub fn new(processes: usize) -> Self {
        assert!(processes > 0, "Number of processes must be at least 1");
        Self {
            slots: Slots::new(processes),
            threads: Arc::default(),
            callbacks: Arc::default(),
        }
    }

    /// Has each worker call `f` before its first task: Python's `initializer`. What `f` puts into statics and
    /// thread-locals, the worker's tasks find there.
    ///
    /// # Panics
    /// If a call of this pool was made before.
    pub fn initializer(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        self.settings().initializer = Some(Box::new(f));
        self
    }

    /// Has a worker replaced by a new one after this many tasks: Python's `maxtasksperchild`. A task is a chunk of items.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let pool = Pool::new(1).maxtasksperchild(2);
    /// let pids = pool.map_chunks(|_| std::process::id(), 0..4, 1)?;
    /// assert!(pids[0] == pids[1] && pids[1] != pids[2] && pids[2] == pids[3]);
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Panics
    /// If `tasks` is 0, or if a call of this pool was made before.
    pub fn maxtasksperchild(mut self, tasks: usize) -> Self {
        assert!(tasks > 0, "maxtasksperchild must be a positive int or None");
        self.settings().max_tasks = Some(tasks);
        self
    }

    fn settings(&mut self) -> &mut slots::Settings {
        let slots = Arc::get_mut(&mut self.slots).expect("the pool has made calls already");
        &mut slots.settings
    }

    /// Calls `f` with each item, in several processes, and returns the results in the order of the items.
    ///
    /// # Errors
    /// [`Panicked`](PoolError::Panicked), after all other chunks are done; the other kinds of [`PoolError`] at once.
    pub fn map<I, R, F>(&self, f: F, items: I) -> Result<Vec<R>, PoolError>
    where
        I: IntoIterator,
        R: Item,
        F: Fn(I::Item) -> R,
    {
        let items = Vec::from_iter(items);
        let chunksize = self.slots.chunksize(items.len());
        calls::map(&self.slots, f, items, chunksize)
    }

    /// As [`map`](Self::map), with `chunksize` items per chunk (at least 1).
    ///
    /// # Errors
    /// Those of [`map`](Self::map).
    pub fn map_chunks<I, R, F>(&self, f: F, items: I, chunksize: usize) -> Result<Vec<R>, PoolError>
    where
        I: IntoIterator,
        R: Item,
        F: Fn(I::Item) -> R,
    {
        calls::map(&self.slots, f, Vec::from_iter(items), chunksize)
    }

    /// As [`map`](Self::map), for a function of several arguments (up to 6): the items are tuples.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let pool = Pool::new(2);
    /// assert_eq!(pool.starmap(|a, b| a + b, [(1, 2), (3, 4)])?, [3, 7]);
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`map`](Self::map).
    pub fn starmap<I, R, F>(&self, f: F, items: I) -> Result<Vec<R>, PoolError>
    where
        I: IntoIterator,
        R: Item,
        F: Star<I::Item, R>,
    {
        self.map(|arguments| f.call(arguments), items)
    }

    /// Calls `f` with each item; returns the results in the order of the items, each as soon as it and those before it
    /// are available.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let pool = Pool::new(2);
    /// for (n, square) in pool.imap(|n| n * n, 0..5)?.enumerate() {
    ///     assert_eq!(square?, n * n);
    /// }
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Errors
    /// The workers cannot be started. Later errors are items of the iterator.
    pub fn imap<I, R, F>(&self, f: F, items: I) -> Result<Results<R>, PoolError>
    where
        I: IntoIterator,
        R: Item,
        F: Fn(I::Item) -> R,
    {
        calls::imap(&self.slots, f, items, true)
    }

    /// As [`imap`](Self::imap), but returns each result as soon as it is available.
    ///
    /// # Errors
    /// Those of [`imap`](Self::imap).
    pub fn imap_unordered<I, R, F>(&self, f: F, items: I) -> Result<Results<R>, PoolError>
    where
        I: IntoIterator,
        R: Item,
        F: Fn(I::Item) -> R,
    {
        calls::imap(&self.slots, f, items, false)
    }

    /// Calls `f` in a worker and waits for its result.
    ///
    /// # Errors
    /// Those of [`map`](Self::map).
    pub fn apply<R, F>(&self, f: F) -> Result<R, PoolError>
    where
        R: Item,
        F: FnOnce() -> R,
    {
        let _call = self.slots.begin_call()?;
        run_one(&self.slots, f)
    }

    /// Accepts no more calls. Earlier ones go on.
    pub fn close(&self) {
        if self.slots.is_owner() {
            self.slots.close();
        }
    }

    /// Kills all workers at once. Unfinished calls fail with [`Terminated`](PoolError::Terminated).
    pub fn terminate(&self) {
        if self.slots.is_owner() {
            self.slots.terminate();
        }
    }

    /// Blocks until all calls are done and all workers have exited.
    ///
    /// # Errors
    /// [`StillRunning`](PoolError::StillRunning): call [`close`](Self::close) or [`terminate`](Self::terminate) first.
    pub fn join(&self) -> Result<(), PoolError> {
        if self.slots.is_owner() {
            if self.slots.phase() == Phase::Run {
                return Err(PoolError::StillRunning);
            }
            self.slots.join();
        }
        Ok(())
    }
}

/// As many slots as there are processors.
impl Default for Pool {
    fn default() -> Self {
        Self::new(cpu_count())
    }
}

/// As the end of Python's `with` does. A forked child has no workers of the pool.
impl Drop for Pool {
    fn drop(&mut self) {
        if self.slots.is_owner() {
            self.slots.terminate();
            self.slots.join();
        }
    }
}

/// As Python prints it: `<multiprocessing.pool.Pool state=RUN pool_size=4>`.
impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.slots.is_owner().then(|| self.slots.phase()) {
            Some(Phase::Run) => "RUN",
            Some(Phase::Close) => "CLOSE",
            Some(Phase::Terminate) => "TERMINATE",
            None => "OTHER PROCESS",
        };
        let size = self.slots.count;
        write!(
            f,
            "<multiprocessing.pool.Pool state={state} pool_size={size}>"
        )
    }
}
