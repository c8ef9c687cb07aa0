//! The workers of one call.
//!
//! They are forked when the call is made, so they have its closure and its items without a copy being sent. The index
//! of the next chunk is a counter in shared memory: a free worker takes the next one. Each worker sends its results
//! through a pipe of its own, so that one that is killed while writing does not damage another's.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::PoolError;
use super::slots::{AcquiredSlots, Phase, Slots, kill_worker};
use super::supervisor::supervise;
use super::worker::{Chunk, ChunkIndices, read_message, run_worker, say_done};
use crate::mapping::{Shared, Zeroed};
use crate::notebook::{Blocked, BlockedOn};
use crate::process::Starter;
use crate::worker_process::WorkerProcess;

pub(super) struct Workers {
    workers: Vec<Worker>,
    /// Chunks that arrived and were not requested yet.
    arrived: VecDeque<Chunk>,
    slots: Arc<Slots>,
    _acquired: AcquiredSlots,
}

struct Worker {
    process: WorkerProcess,
    done: bool,
}

#[repr(C)]
struct ChunkCounter {
    chunk: AtomicUsize,
}

// SAFETY: one atomic.
unsafe impl Zeroed for ChunkCounter {}

impl Workers {
    /// Starts workers that call `work` for each of `chunks`, once each. `work` appends the serialized results.
    ///
    /// This process does not use `work` after this returns.
    pub(super) fn start(
        slots: &Arc<Slots>,
        chunks: usize,
        work: impl Fn(usize, &mut Vec<u8>) -> io::Result<()>,
    ) -> Result<Self, PoolError> {
        let acquired = slots.acquire(chunks)?;
        let count = acquired.count;
        let mut started = Self {
            workers: Vec::with_capacity(count),
            arrived: VecDeque::new(),
            slots: Arc::clone(slots),
            _acquired: acquired,
        };
        let next = Shared::<ChunkCounter>::new("Pool");
        next.chunk.store(count, Ordering::Relaxed);
        for first in 0..count {
            // A supervisor must be able to start workers, which a daemon is not.
            let is_daemon = slots.settings.max_tasks.is_none();
            let body = |results| {
                let indices = ChunkIndices {
                    first: Some(first),
                    chunks,
                    next: &next.chunk,
                };
                let initializer = slots.settings.initializer.as_deref();
                match slots.settings.max_tasks {
                    None => run_worker(indices, initializer, &work, &results),
                    Some(max) => {
                        supervise(indices, max, &|indices: &mut dyn Iterator<Item = usize>| {
                            run_worker(indices, initializer, &work, &results);
                        })
                    }
                }
                say_done(&results);
            };
            let process = WorkerProcess::start("ForkPoolWorker", is_daemon, Starter::Any, body)
                .map_err(PoolError::Start)?;
            let child = process.child.clone();
            let done = false;
            started.workers.push(Worker { process, done });
            slots.add(child)?;
        }
        Ok(started)
    }

    /// Waits for a chunk. None: all have arrived.
    ///
    /// An error ends the call: a worker died, or the pool was terminated.
    pub(super) fn next(&mut self) -> Result<Option<Chunk>, PoolError> {
        loop {
            if let Some(chunk) = self.arrived.pop_front() {
                return Ok(Some(chunk));
            }
            if self.workers.iter().all(|worker| worker.done) {
                return Ok(None);
            }
            let events = self.wait();
            for (i, event) in events.into_iter().enumerate() {
                let worker = &mut self.workers[i];
                let over = match event {
                    WorkerEvent::None => false,
                    WorkerEvent::Results => !worker.process.receive(),
                    WorkerEvent::Exited => true,
                };
                let (done, arrived) = (&mut worker.done, &mut self.arrived);
                worker.process.take_messages(|kind, index, bytes| {
                    match read_message(kind, index, bytes) {
                        Some(chunk) => arrived.push_back(chunk),
                        None => *done = true,
                    }
                });
                if let Some(error) = self.initializer_error() {
                    return Err(error);
                }
                let worker = &self.workers[i];
                if over && !worker.done {
                    // The results of the other workers are of no use.
                    return Err(self.exit_error(&self.workers[i]));
                }
            }
        }
    }

    /// Returns the panic of an initializer, if one has arrived: then the call is at its end.
    fn initializer_error(&mut self) -> Option<PoolError> {
        let is_error = |chunk: &Chunk| matches!(chunk.outcome, Err(PoolError::Initializer(_)));
        let at = self.arrived.iter().position(is_error)?;
        self.arrived.remove(at)?.outcome.err()
    }

    /// Why a worker exited too early.
    fn exit_error(&self, worker: &Worker) -> PoolError {
        if self.slots.phase() == Phase::Terminate {
            return PoolError::Terminated;
        }
        // It has closed its pipe or exited, so this does not take long; an error means that its exit code is unknown.
        let child = &worker.process.child;
        let _ = child.join();
        PoolError::WorkerDied {
            name: child.name().to_owned(),
            pid: child.pid(),
            exitcode: child.exitcode(),
        }
    }

    /// Blocks until something happens to a worker, and returns the event of each.
    fn wait(&self) -> Vec<WorkerEvent> {
        let mut polls: Vec<libc::pollfd> = Vec::with_capacity(2 * self.workers.len());
        for worker in &self.workers {
            for fd in worker.process.descriptors() {
                // `poll` ignores a negative descriptor.
                let fd = if worker.done { -1 } else { fd };
                polls.push(libc::pollfd {
                    fd,
                    events: libc::POLLIN,
                    revents: 0,
                });
            }
        }
        let _blocked = Blocked::on(BlockedOn::Tasks, false);
        // SAFETY: the pointer and the count are those of `polls`. An error (a signal came) leaves `revents` zero.
        unsafe { libc::poll(polls.as_mut_ptr(), polls.len() as libc::nfds_t, -1) };
        polls
            .chunks_exact(2)
            .map(|pair| match (pair[0].revents, pair[1].revents) {
                (0, 0) => WorkerEvent::None,
                (0, _) => WorkerEvent::Exited,
                _ => WorkerEvent::Results,
            })
            .collect()
    }
}

/// No one needs workers that are not done.
impl Drop for Workers {
    fn drop(&mut self) {
        for worker in self.workers.iter().filter(|worker| !worker.done) {
            kill_worker(&worker.process.child);
        }
    }
}

enum WorkerEvent {
    None,
    Results,
    Exited,
}
