//! Python's ProcessPoolExecutor.

mod call;
mod chunks;
mod claims;
mod dispatcher;
mod map;
mod message;
mod order_book;
mod task;
mod task_board;
mod worker;
mod worker_job;

use std::fmt;
use std::sync::Arc;

pub use chunks::ChunkedMap;

use self::claims::MAX_WORKERS;
use self::dispatcher::Dispatcher;
use self::order_book::{Dispatch, OrderBook};
use self::task::{Task, call_task, task};
use crate::future::Future;
use crate::ipc::Item;
use crate::os;
use crate::process::cpu_count;
use crate::process::threads::spawn_own_large;

/// A pool of processes: Python's `concurrent.futures.ProcessPoolExecutor`.
///
/// It has the methods of a [`ThreadPoolExecutor`](super::ThreadPoolExecutor), but a task runs in another process: it
/// cannot change variables of this one, and its result is sent back. Any closure will do, since the workers are copies
/// of this process.
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = ProcessPoolExecutor::new(2);
/// let words = vec!["one", "three"];
/// let lengths = pool.submit(move || words.iter().map(|word| word.len()).collect::<Vec<_>>());
/// assert_eq!(lengths.result()?, [3, 5]);
///
/// let lost = pool.submit(|| -> i32 { std::process::abort() });
/// assert!(lost.result().unwrap_err().to_string().contains("was killed by signal 6"));
/// assert_eq!(pool.submit(|| 6 * 7).result(), Ok(42));
/// # Ok::<(), FutureError>(())
/// ```
///
/// | Python | Rust |
/// | --- | --- |
/// | `ProcessPoolExecutor(2)`, `ProcessPoolExecutor()` | `ProcessPoolExecutor::new(2)`, `ProcessPoolExecutor::default()` |
/// | `ProcessPoolExecutor(2, initializer=f, max_tasks_per_child=9)` | `ProcessPoolExecutor::new(2).initializer(f).max_tasks_per_child(9)` |
/// | `pool.submit(f, 1)`, `pool.submit(f, 1, 2)` | `pool.submit_fn(f, 1)`, `pool.submit_fn(f, (1, 2))`; `pool.submit(\|\| f(1))` for any closure |
/// | `pool.map(f, items)`, `pool.map(f, items, chunksize=9)` | the same, `pool.map_chunks(f, items, 9)`; each result is a `Result` |
/// | `pool.shutdown()`, `pool.shutdown(cancel_futures=True)` | `pool.shutdown(true)`, `pool.shutdown_and_cancel(true)` |
/// | `pool.terminate_workers()`, `pool.kill_workers()` | the same |
/// | `mp_context` | there is only fork |
///
/// What differs, and why:
///
/// - A closure cannot be sent to a process that runs already, so a worker knows the tasks that exist when it starts. When
///   it has no more of them it exits, and another starts for those that have come since. So many tasks that are
///   submitted at once share a start (a fraction of a millisecond). Tasks that are each waited for before the next is
///   submitted pay for one each; [`submit_fn`](Self::submit_fn) avoids that.
/// - A worker that dies takes only its own task with it, whose future is
///   [`BrokenProcessPool`](crate::prelude::FutureError::BrokenProcessPool); the others go on. Python cannot tell whose
///   task was lost: there all futures fail, and the pool is of no more use. Here it breaks only if the initializer
///   panics, or workers cannot start.
/// - A task can be cancelled until a worker takes it. In Python a few tasks more than there are workers count as
///   running.
///
/// A thread of the executor starts the workers while yours go on. What a [fork](crate::process#what-a-fork-does-not-copy)
/// does not copy holds here too: a task must not take a lock of the standard library that another thread may hold at
/// that moment. The first start warns about it if more threads run than the one that submits tasks. The types of
/// [`shared`](crate::shared) are safe to use.
///
/// In a notebook, the output of a task goes to the cell that submitted it. Dropping the executor waits for all tasks.
pub struct ProcessPoolExecutor {
    settings: Arc<Settings>,
    /// The process that has the workers. A forked child touches nothing of the executor.
    owner_pid: u32,
    orders: Arc<OrderBook>,
}

#[derive(Clone)]
struct Settings {
    max_workers: usize,
    max_tasks_per_child: Option<usize>,
    initializer: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl ProcessPoolExecutor {
    /// Creates an executor of at most `max_workers` processes at a time. None is started yet.
    ///
    /// # Panics
    /// If `max_workers` is 0 or more than 32768, or this process has too many open files.
    pub fn new(max_workers: usize) -> Self {
        assert!(max_workers > 0, "max_workers must be greater than 0");
        assert!(
            max_workers <= MAX_WORKERS,
            "max_workers must be at most {MAX_WORKERS}"
        );
        let settings = Settings {
            max_workers,
            max_tasks_per_child: None,
            initializer: None,
        };
        let orders = OrderBook::new()
            .unwrap_or_else(|error| panic!("no pipe for a ProcessPoolExecutor: {error}"));
        Self {
            settings: Arc::new(settings),
            owner_pid: os::process_id(),
            orders: Arc::new(orders),
        }
    }

    /// Has each worker call `f` before its first task.
    ///
    /// If `f` panics, the executor is broken: the futures of all tasks that have not started fail with
    /// [`BrokenProcessPool`](crate::prelude::FutureError::BrokenProcessPool), and so do those of later tasks.
    pub fn initializer(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.settings).initializer = Some(Arc::new(f));
        self
    }

    /// Has each worker exit after `tasks` tasks, at the latest.
    ///
    /// # Panics
    /// If `tasks` is 0.
    pub fn max_tasks_per_child(mut self, tasks: usize) -> Self {
        assert!(tasks > 0, "max_tasks_per_child must be >= 1");
        Arc::make_mut(&mut self.settings).max_tasks_per_child = Some(tasks);
        self
    }

    /// Queues `f` to run in one of the workers. What it prints, panics with or returns comes back.
    ///
    /// If the executor is broken, the future has failed already, where Python's `submit` raises.
    ///
    /// # Panics
    /// After [`shutdown`](Self::shutdown), in a process other than the one that created the executor, and if the system
    /// cannot start a thread.
    #[track_caller]
    pub fn submit<R, F>(&self, f: F) -> Future<R>
    where
        R: Item + Send,
        F: FnOnce() -> R + Send + 'static,
    {
        let (task, future) = task(f);
        self.add(task);
        future
    }

    /// As [`submit`](Self::submit), for a function that takes all it needs from its argument, as Python's does; several
    /// arguments are a tuple. The call can be sent to a worker that waits, so it needs no fork: for tasks that are each
    /// waited for before the next is submitted.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// fn power((base, exponent): (u64, u32)) -> u64 {
    ///     base.pow(exponent)
    /// }
    ///
    /// let pool = ProcessPoolExecutor::new(2);
    /// assert_eq!(pool.submit_fn(power, (2, 10)).result(), Ok(1024));
    /// assert_eq!(pool.submit_fn(|text: String| text.len(), "four".into()).result(), Ok(4));
    /// ```
    ///
    /// The compiler refuses a closure that captures variables. The argument is serialized, and the function gets a copy.
    /// The statics that the function reads may be older than the call: a worker has them as they were when it was
    /// forked, and as its other tasks have left them, as in Python.
    ///
    /// If the argument cannot be serialized, the future has failed already.
    ///
    /// # Panics
    /// As `submit`.
    #[track_caller]
    pub fn submit_fn<A, R>(&self, f: fn(A) -> R, argument: A) -> Future<R>
    where
        A: Item,
        R: Item + Send,
    {
        match call_task(f, &argument) {
            Ok((task, future)) => {
                self.add(task);
                future
            }
            Err(failed) => failed,
        }
    }

    #[track_caller]
    fn add(&self, task: Box<dyn Task>) {
        assert!(
            self.is_owner(),
            "this executor's workers belong to process {}: create an executor in this process",
            self.owner_pid
        );
        let mut orders = self.orders.lock();
        if let Some(error) = orders.broken.clone() {
            drop(orders);
            return task.complete(Err(error));
        }
        assert!(!orders.closed, "cannot schedule new futures after shutdown");
        if orders.dispatcher == Dispatch::NotStarted {
            let dispatcher = Dispatcher::new(Arc::clone(&self.orders), Arc::clone(&self.settings));
            // It runs when this function has unlocked the orders. Workers run the tasks on copies of its stack.
            let started = spawn_own_large("threadbook-process-pool", move || dispatcher.run());
            assert!(started.is_ok(), "can't start new thread: {started:?}");
            orders.dispatcher = Dispatch::Starting;
        }
        orders.tasks.push_back(task);
        self.orders.ring(orders);
    }

    /// Accepts no more tasks. With `wait`, returns when all submitted tasks are done; without, they go on in the
    /// background. In a forked process this does nothing: the workers are not there.
    pub fn shutdown(&self, wait: bool) {
        self.close(wait, false, None);
    }

    /// As [`shutdown`](Self::shutdown), but tasks that have not started are cancelled: Python's
    /// `shutdown(wait, cancel_futures=True)`.
    #[doc(alias = "cancel_futures")]
    pub fn shutdown_and_cancel(&self, wait: bool) {
        self.close(wait, true, None);
    }

    /// Shuts the executor down without waiting, and sends SIGTERM to the workers. Tasks that have not started are
    /// cancelled, and those that run fail with
    /// [`BrokenProcessPool`](crate::prelude::FutureError::BrokenProcessPool).
    pub fn terminate_workers(&self) {
        self.close(false, true, Some(libc::SIGTERM));
    }

    /// As [`terminate_workers`](Self::terminate_workers), but with SIGKILL, which no process can ignore.
    pub fn kill_workers(&self) {
        self.close(false, true, Some(libc::SIGKILL));
    }

    fn close(&self, wait: bool, cancel: bool, signal: Option<libc::c_int>) {
        if !self.is_owner() {
            return;
        }
        let mut orders = self.orders.lock();
        orders.closed = true;
        orders.cancel |= cancel;
        orders.signal = signal.or(orders.signal);
        self.orders.ring(orders);
        if wait {
            self.orders.wait_for_end();
        }
    }

    fn is_owner(&self) -> bool {
        self.owner_pid == os::process_id()
    }
}

/// As many workers as there are processors.
impl Default for ProcessPoolExecutor {
    fn default() -> Self {
        Self::new(cpu_count())
    }
}

impl Drop for ProcessPoolExecutor {
    fn drop(&mut self) {
        self.shutdown(true);
    }
}

impl fmt::Debug for ProcessPoolExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let max_workers = self.settings.max_workers;
        write!(f, "<ProcessPoolExecutor max_workers={max_workers}>")
    }
}
