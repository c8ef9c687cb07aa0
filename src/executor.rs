//! Python's executors: of threads here, of processes in `processes`.

mod job;
mod job_queue;
mod map;
mod processes;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

pub use map::Map;
pub use processes::{ChunkedMap, ProcessPoolExecutor};

use self::job::task;
use self::job_queue::JobQueue;
use crate::future::{Future, FutureError};
use crate::os;
use crate::process::cpu_count;
use crate::sync;

#[cfg(test)]
mod tests;

static NEXT_NUMBER: AtomicUsize = AtomicUsize::new(0);

type Initializer = Arc<dyn Fn() + Send + Sync>;

/// A pool of threads: Python's `concurrent.futures.ThreadPoolExecutor`.
///
/// The n-th executor's threads, both counted from 0, are named `ThreadPoolExecutor-{n}_{k}`. Submitting a task starts a
/// thread if none is idle and there are fewer than `max_workers`; a thread is idle when it has found the queue empty
/// (as in Python 3.12 and later). A task that panics ends only itself: its [`Future`] holds the message, and the thread
/// goes on. In a notebook, the output of a task goes to the cell that submitted it.
///
/// Dropping the executor waits for all tasks, as the end of Python's `with` does.
///
/// | Python | Rust |
/// | --- | --- |
/// | `ThreadPoolExecutor(2)`, `ThreadPoolExecutor()` | `ThreadPoolExecutor::new(2)`, `ThreadPoolExecutor::default()` |
/// | `ThreadPoolExecutor(2, thread_name_prefix="web", initializer=f)` | `ThreadPoolExecutor::new(2).thread_name_prefix("web").initializer(f)` |
/// | `pool.submit(f, 1)` | `pool.submit(\|\| f(1))` |
/// | `for y in pool.map(f, items)` | `for y in pool.map(f, items)`, where `y` is a `Result` |
/// | `pool.map(f, xs, ys)` | `pool.map(\|(x, y)\| f(x, y), xs.into_iter().zip(ys))` |
/// | `pool.map(f, items, timeout=1)` | `pool.map(f, items).timeout(Duration::from_secs(1))` |
/// | `pool.map(f, items, buffersize=8)` | `pool.map_buffered(f, items, 8)` |
/// | `pool.shutdown()`, `pool.shutdown(wait=False)` | `pool.shutdown(true)`, `pool.shutdown(false)` |
/// | `pool.shutdown(cancel_futures=True)` | `pool.shutdown_and_cancel(true)` |
///
/// ```
/// use threadbook::prelude::*;
///
/// let pool = ThreadPoolExecutor::new(2);
/// let answer = pool.submit(|| 6 * 7);
/// let name = pool.submit(thread_name).result().unwrap();
/// assert_eq!(answer.result(), Ok(42));
/// assert!(name.starts_with("ThreadPoolExecutor-0_"));
/// ```
#[doc(alias = "InterpreterPoolExecutor")]
pub struct ThreadPoolExecutor {
    number: usize,
    thread_name_prefix: String,
    initializer: Option<Initializer>,
    max_workers: usize,
    /// The process that has the threads. A forked child has none, and the queue's locks may be in any state there, so a
    /// child touches nothing of the executor.
    owner_pid: u32,
    queue: Arc<JobQueue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl ThreadPoolExecutor {
    /// Creates an executor of at most `max_workers` threads. No thread is started yet.
    ///
    /// # Panics
    /// If `max_workers` is 0.
    pub fn new(max_workers: usize) -> Self {
        assert!(max_workers > 0, "max_workers must be greater than 0");
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            number,
            thread_name_prefix: format!("ThreadPoolExecutor-{number}"),
            initializer: None,
            max_workers,
            owner_pid: os::process_id(),
            queue: Arc::new(JobQueue::new()),
            threads: Mutex::default(),
        }
    }

    /// Names the threads `{prefix}_{k}`.
    pub fn thread_name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.thread_name_prefix = prefix.into();
        self
    }

    /// Has each thread call `f` before its first task.
    ///
    /// If `f` panics, the executor is broken: the futures of all tasks that have not started fail with
    /// [`BrokenThreadPool`](FutureError::BrokenThreadPool), and so do those of later tasks.
    pub fn initializer(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        self.initializer = Some(Arc::new(f));
        self
    }

    /// Queues `f` to run on one of the threads.
    ///
    /// If the executor is broken, the future has failed already, where Python's `submit` raises.
    ///
    /// # Panics
    /// After [`shutdown`](Self::shutdown), in a process other than the one that created the executor, and if the system
    /// cannot start any thread.
    #[track_caller]
    pub fn submit<T, F>(&self, f: F) -> Future<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        assert!(
            self.is_owner(),
            "this executor's threads belong to process {}: create an executor in this process",
            self.owner_pid
        );
        let (job, future) = task(f);
        // Lock order: the threads, then the state. Workers lock only the state.
        let mut threads = self.threads();
        let mut state = self.queue.lock();
        if state.broken {
            drop((state, threads));
            job.abandon(FutureError::BrokenThreadPool);
            return future;
        }
        assert!(!state.closed, "cannot schedule new futures after shutdown");
        JobQueue::push(&mut state, job);
        if state.len() > state.idle && threads.len() < self.max_workers {
            match self.start_worker(threads.len()) {
                Ok(thread) => threads.push(thread),
                Err(error) if threads.is_empty() => {
                    let jobs = JobQueue::take_all(&mut state);
                    drop((state, threads, jobs));
                    panic!("can't start new thread: {error}");
                }
                // The running threads will get to it.
                Err(_) => {}
            }
        }
        self.queue.wake_one(state);
        future
    }

    /// Calls `f` with each item, on the threads, and returns an iterator over the results, in the order of the items.
    ///
    /// All items are submitted at once. See [`Map`] for errors and timeouts.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let pool = ThreadPoolExecutor::new(2);
    /// let lengths: Result<Vec<_>, _> = pool.map(|word: &str| word.len(), ["one", "three"]).collect();
    /// assert_eq!(lengths, Ok(vec![3, 5]));
    /// ```
    ///
    /// # Panics
    /// As [`submit`](Self::submit).
    pub fn map<I, R, F>(&self, f: F, items: I) -> Map<'static, R>
    where
        I: IntoIterator<Item: Send + 'static>,
        R: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        Map::new(self.submit_each(f, items))
    }

    /// As [`map`](Self::map), with at most `buffersize` results that were submitted and not taken: `items` may be an
    /// iterator without end.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let pool = ThreadPoolExecutor::new(2);
    /// let mut squares = pool.map_buffered(|n: u64| n * n, 1.., 8);
    /// assert_eq!(squares.next(), Some(Ok(1)));
    /// assert_eq!(squares.next(), Some(Ok(4)));
    /// ```
    ///
    /// # Panics
    /// As [`submit`](Self::submit), also while results are taken; if `buffersize` is 0.
    #[doc(alias = "buffersize")]
    pub fn map_buffered<'a, I, R, F>(&'a self, f: F, items: I, buffersize: usize) -> Map<'a, R>
    where
        I: IntoIterator<Item: Send + 'static, IntoIter: 'a> + 'a,
        R: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        Map::buffered(self.submit_each(f, items), buffersize)
    }

    /// Accepts no more tasks. With `wait`, returns when all submitted tasks are done; without, they go on in the
    /// background. In a forked process this does nothing: the threads are not there.
    pub fn shutdown(&self, wait: bool) {
        self.close(wait, false);
    }

    /// As [`shutdown`](Self::shutdown), but tasks that have not started are cancelled: Python's
    /// `shutdown(wait, cancel_futures=True)`.
    #[doc(alias = "cancel_futures")]
    pub fn shutdown_and_cancel(&self, wait: bool) {
        self.close(wait, true);
    }

    fn submit_each<I, R, F>(
        &self,
        f: F,
        items: I,
    ) -> impl Iterator<Item = Future<R>> + use<'_, I, R, F>
    where
        I: IntoIterator<Item: Send + 'static>,
        R: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        items.into_iter().map(move |item| {
            let f = Arc::clone(&f);
            self.submit(move || f(item))
        })
    }

    fn close(&self, wait: bool, cancel: bool) {
        if !self.is_owner() {
            return;
        }
        for job in self.queue.close(cancel) {
            job.abandon(FutureError::Cancelled);
        }
        if wait {
            let threads = std::mem::take(&mut *self.threads());
            for thread in threads {
                // A task may hold the last handle to the executor, and a thread cannot join itself.
                if thread.thread().id() != thread::current().id() {
                    // Workers catch every panic, so there is none to propagate.
                    let _ = thread.join();
                }
            }
        }
    }

    fn start_worker(&self, number: usize) -> std::io::Result<JoinHandle<()>> {
        let (queue, initializer) = (Arc::clone(&self.queue), self.initializer.clone());
        thread::Builder::new()
            .name(format!("{}_{number}", self.thread_name_prefix))
            .spawn(move || {
                if let Some(initialize) = initializer {
                    let initialized =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| initialize()));
                    if initialized.is_err() {
                        return queue.break_down();
                    }
                }
                while let Some(job) = queue.next_job() {
                    job.run();
                }
            })
    }

    fn is_owner(&self) -> bool {
        self.owner_pid == os::process_id()
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        sync::lock(&self.threads)
    }
}

/// The number of processors plus 4, at most 32, as in Python.
impl Default for ThreadPoolExecutor {
    fn default() -> Self {
        Self::new((cpu_count() + 4).min(32))
    }
}

impl Drop for ThreadPoolExecutor {
    fn drop(&mut self) {
        self.shutdown(true);
        if !self.is_owner() {
            // glibc reuses the stacks of threads that did not survive the fork, so even detaching such a handle would
            // touch the wrong thread.
            let threads = self
                .threads
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(std::mem::take(threads));
        }
    }
}

impl fmt::Debug for ThreadPoolExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<ThreadPoolExecutor-{} max_workers={}>",
            self.number, self.max_workers
        )
    }
}
