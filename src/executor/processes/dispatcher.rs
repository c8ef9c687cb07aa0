//! The thread that starts the workers of a pool and takes their results.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Settings;
use super::claims::{Claims, SLOTS};
use super::order_book::{Dispatch, OrderBook};
use super::task::Task;
use super::worker::{Message, Tasks, Worker};
use crate::future::{FutureError, TaskPanicked};
use crate::notebook::{Blocked, BlockedOn};
use crate::process::ChildProcess;

/// Only this thread forks, and only it changes these fields, so a worker's copy of them is consistent.
pub(super) struct Dispatcher {
    orders: Arc<OrderBook>,
    settings: Arc<Settings>,
    claims: Claims,
    /// Tasks for which there is no slot yet.
    backlog: VecDeque<Box<dyn Task>>,
    tasks: Tasks,
    /// The position of the next task.
    end: u64,
    workers: Vec<Worker>,
    /// Workers that have said that they exit.
    exiting: Vec<ChildProcess>,
}

/// What becomes of a worker after an event.
enum Fate {
    Works,
    /// It has said that it exits.
    Exits,
    /// Its initializer panicked.
    IsNotReady,
    Died,
}

impl Dispatcher {
    pub(super) fn new(orders: Arc<OrderBook>, settings: Arc<Settings>) -> Self {
        Self {
            orders,
            settings,
            claims: Claims::new(),
            backlog: VecDeque::new(),
            tasks: std::iter::repeat_with(|| None)
                .take(SLOTS as usize)
                .collect(),
            end: 0,
            workers: Vec::new(),
            exiting: Vec::new(),
        }
    }

    /// Runs until the pool is shut down and all tasks are done.
    pub(super) fn run(mut self) {
        self.orders.lock().dispatcher = Dispatch::By(std::thread::current().id());
        loop {
            self.take_orders();
            self.start_workers();
            if self.is_idle() && self.orders.lock().is_over() {
                break;
            }
            for (index, event) in self.wait().into_iter().enumerate().rev() {
                self.handle(index, event);
            }
        }
        for child in &self.exiting {
            // It has said that it exits; an error means that it has.
            let _ = child.join();
        }
        self.orders.end();
    }

    /// Takes the new tasks, and does as it is told.
    fn take_orders(&mut self) {
        let (refusal, signal) = {
            let mut orders = self.orders.answer();
            self.backlog.append(&mut orders.tasks);
            let refusal = match &orders.broken {
                Some(error) => Some(error.clone()),
                None => orders.cancel.then_some(FutureError::Cancelled),
            };
            (refusal, orders.signal.take())
        };
        match refusal {
            Some(error) => self.withdraw_all(&error),
            None => self.offer_backlog(),
        }
        if let Some(signal) = signal {
            for worker in &self.workers {
                worker.signal(signal);
            }
        }
    }

    fn offer_backlog(&mut self) {
        while let Some(task) = self.backlog.pop_front() {
            match self.next_position() {
                Some(position) => self.offer(position, task),
                None => return self.backlog.push_front(task),
            }
        }
    }

    /// The next position whose slot no task needs any more. None: there are too many tasks already.
    fn next_position(&mut self) -> Option<u64> {
        let limit = self.claims.next() + SLOTS;
        while self.end < limit {
            let slot = &mut self.tasks[slot_of(self.end)];
            let older = self.end.checked_sub(SLOTS);
            if older.is_some_and(|older| self.claims.is_withdrawn(older)) {
                *slot = None;
            }
            if slot.is_none() {
                return Some(self.end);
            }
            // A worker is still busy with the older task.
            self.end += 1;
        }
        None
    }

    fn offer(&mut self, position: u64, task: Box<dyn Task>) {
        self.claims.offer(position);
        let claim = self.claims.of_task(position);
        // A task that was cancelled is withdrawn, and dropped when its slot is needed.
        if !task.offer(Arc::new(claim)) {
            self.claims.withdraw(position);
        }
        self.tasks[slot_of(position)] = Some(task);
        self.end = position + 1;
    }

    /// Starts a worker for each free task, up to the limit.
    ///
    /// A worker knows the tasks that exist when it is forked. When it has no more of them, it exits, and the next one
    /// knows those that have come since.
    fn start_workers(&mut self) {
        let most = self.settings.max_workers - self.workers.len();
        let wanted = self.claims.free(0..self.end).take(most).count();
        for _ in 0..wanted {
            let is_used = |number| self.workers.iter().any(|worker| worker.number == number);
            let number = (0..).find(|&number| !is_used(number)).unwrap_or_default();
            let worker = Worker::start(
                number,
                &self.settings,
                &self.claims,
                &mut self.tasks,
                self.end,
            );
            match worker {
                Ok(worker) => self.workers.push(worker),
                Err(error) if self.workers.is_empty() => {
                    return self.break_down(format!("cannot start a worker process: {error}"));
                }
                // The others will get to it.
                Err(_) => break,
            }
        }
    }

    /// Blocks until there are new orders or something happens to a worker. Returns the events of each.
    fn wait(&self) -> Vec<[bool; 2]> {
        let fds = self.workers.iter().flat_map(Worker::descriptors);
        let mut polls: Vec<_> = std::iter::once(self.orders.bell())
            .chain(fds)
            .map(|fd| libc::pollfd {
                fd,
                events: libc::POLLIN,
                revents: 0,
            })
            .collect();
        let what = match self.workers.is_empty() {
            true => BlockedOn::Idle,
            false => BlockedOn::Tasks,
        };
        let _blocked = Blocked::on(what, false);
        // SAFETY: the pointer and the count are those of `polls`. An error (a signal came) leaves `revents` zero.
        unsafe { libc::poll(polls.as_mut_ptr(), polls.len() as libc::nfds_t, -1) };
        polls[1..]
            .chunks_exact(2)
            .map(|pair| [pair[0].revents != 0, pair[1].revents != 0])
            .collect()
    }

    /// Does what the event of a worker asks for: it has sent something, or has exited and sent all.
    fn handle(&mut self, index: usize, [has_sent, has_exited]: [bool; 2]) {
        let fate = match (has_sent, has_exited) {
            (true, _) => self.receive(index),
            (false, true) => Fate::Died,
            (false, false) => Fate::Works,
        };
        match fate {
            Fate::Works => {}
            Fate::Exits => {
                self.exiting.retain(ChildProcess::is_alive);
                self.exiting.push(self.workers.remove(index).child);
            }
            Fate::IsNotReady => {
                self.exiting.push(self.workers.remove(index).child);
                self.break_down(
                    "an initializer failed in a worker process, the process pool is not usable anymore: create a new one"
                        .into(),
                );
            }
            Fate::Died => {
                let worker = self.workers.remove(index);
                self.bury(&worker);
            }
        }
    }

    fn receive(&mut self, index: usize) -> Fate {
        let worker = &mut self.workers[index];
        worker.receive();
        let mut fate = Fate::Works;
        let (mut ready, mut has_run) = (worker.ready, worker.has_run);
        let tasks = &mut self.tasks;
        worker.take_messages(|message| {
            let (position, result) = match message {
                Message::Ready => return ready = true,
                Message::NotReady => return fate = Fate::IsNotReady,
                Message::Done => return fate = Fate::Exits,
                Message::Value(position, bytes) => (position, Ok(bytes)),
                Message::Panicked(position, text) => {
                    let panic = TaskPanicked::new(text);
                    (position, Err(FutureError::Panicked(panic)))
                }
                Message::NotSent(position, text) => (position, Err(FutureError::NotSent(text))),
            };
            has_run = true;
            if let Some(task) = tasks[slot_of(position)].take() {
                complete(task, result);
            }
        });
        (worker.ready, worker.has_run) = (ready, has_run);
        fate
    }

    /// A worker has died: the task that it was running fails. The others go on.
    fn bury(&mut self, worker: &Worker) {
        let how = worker.end();
        let tasks = &self.tasks;
        let taken = self.claims.slots_of(worker.number);
        let lost = taken.into_iter().find(|&slot| tasks[slot].is_some());
        let lost = lost.and_then(|slot| self.tasks[slot].take());
        if let Some(task) = lost {
            let cause = format!("{how} while it ran the task");
            complete(task, Err(FutureError::BrokenProcessPool(cause)));
        } else if !worker.ready || !(worker.has_run || worker.was_killed()) {
            // The next one would end in the same way.
            self.break_down(format!("{how} before it ran a task"));
        }
    }

    /// All tasks that have not started fail, and so will all later ones.
    fn break_down(&mut self, cause: String) {
        let error = FutureError::BrokenProcessPool(cause);
        {
            let mut orders = self.orders.lock();
            orders.broken = Some(error.clone());
            self.backlog.append(&mut orders.tasks);
        }
        self.withdraw_all(&error);
    }

    /// All tasks that have not started get this error.
    fn withdraw_all(&mut self, error: &FutureError) {
        let free: Vec<u64> = self.claims.free(0..self.end).collect();
        for position in free {
            if self.claims.withdraw(position)
                && let Some(task) = self.tasks[slot_of(position)].take()
            {
                complete(task, Err(error.clone()));
            }
        }
        for task in self.backlog.drain(..) {
            complete(task, Err(error.clone()));
        }
    }

    fn is_idle(&self) -> bool {
        self.workers.is_empty()
            && self.backlog.is_empty()
            && self.claims.free(0..self.end).next().is_none()
    }
}

/// Completes the task's future. What its closure owns is dropped here, and may panic.
fn complete(task: Box<dyn Task>, result: Result<&[u8], FutureError>) {
    // The panic has printed its message, and the other tasks have nothing to do with it.
    let _ = catch_unwind(AssertUnwindSafe(|| task.complete(result)));
}

fn slot_of(position: u64) -> usize {
    (position % SLOTS) as usize
}
