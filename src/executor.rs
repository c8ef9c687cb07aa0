//! Python's ThreadPoolExecutor.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::future::{Future, task};
use crate::notebook::CellOutput;
use crate::process::cpu_count;
use crate::sync;

#[cfg(test)]
mod tests;

static NEXT_NUMBER: AtomicUsize = AtomicUsize::new(0);

type Job = Box<dyn FnOnce() + Send>;

/// A pool of threads: Python's `concurrent.futures.ThreadPoolExecutor`.
///
/// The n-th executor's threads, both counted from 0, are named `ThreadPoolExecutor-{n}_{k}`. Submitting a task starts a
/// thread if none is idle and there are fewer than `max_workers`; a thread is idle when it has found the queue empty
/// (as in Python 3.12 and later). A task that panics ends only itself: its [`Future`] holds the message, and the thread
/// goes on. In a notebook, the output of a task goes to the cell that submitted it.
///
/// Dropping the executor waits for all tasks.
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
pub struct ThreadPoolExecutor {
    number: usize,
    max_workers: usize,
    /// The process that has the threads. A forked child has none, and the queue's locks may be in any state there, so a
    /// child touches nothing of the executor.
    owner_pid: u32,
    queue: Arc<JobQueue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct JobQueue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    closed: bool,
}

impl ThreadPoolExecutor {
    /// Creates an executor of at most `max_workers` threads. No thread is started yet.
    ///
    /// # Panics
    /// If `max_workers` is 0.
    pub fn new(max_workers: usize) -> Self {
        assert!(max_workers > 0, "max_workers must be greater than 0");
        Self {
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            max_workers,
            owner_pid: std::process::id(),
            queue: Arc::new(JobQueue {
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
            threads: Mutex::default(),
        }
    }

    /// Queues `f` to run on one of the threads.
    ///
    /// # Panics
    /// After [`shutdown`](Self::shutdown), in a process other than the one that created the executor, and if the system
    /// cannot start any thread.
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
        assert!(!state.closed, "cannot schedule new futures after shutdown");
        let output = CellOutput::of_this_thread();
        state.jobs.push_back(Box::new(move || output.scope(job)));
        if state.jobs.len() > state.idle && threads.len() < self.max_workers {
            match self.start_worker(threads.len()) {
                Ok(thread) => threads.push(thread),
                Err(error) if threads.is_empty() => {
                    state.jobs.clear();
                    drop((state, threads));
                    panic!("can't start new thread: {error}");
                }
                // The running threads will get to it.
                Err(_) => {}
            }
        }
        drop(state);
        self.queue.changed.notify_one();
        future
    }

    /// Accepts no more tasks. With `wait`, returns when all submitted tasks are done; without, they go on in the
    /// background. In a forked process this does nothing: the threads are not there.
    pub fn shutdown(&self, wait: bool) {
        if !self.is_owner() {
            return;
        }
        self.queue.lock().closed = true;
        self.queue.changed.notify_all();
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
        let queue = Arc::clone(&self.queue);
        thread::Builder::new()
            .name(format!("ThreadPoolExecutor-{}_{number}", self.number))
            .spawn(move || {
                while let Some(job) = queue.next_job() {
                    job();
                }
            })
    }

    fn is_owner(&self) -> bool {
        self.owner_pid == std::process::id()
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

impl JobQueue {
    /// Waits for a task. None: the executor is shut down and the queue is empty.
    fn next_job(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = sync::wait(&self.changed, state);
            state.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }
}
