//! The thread that starts the workers of a pool and takes their results.

use std::sync::Arc;

use super::Settings;
use super::message::Message;
use super::order_book::{Dispatch, OrderBook};
use super::task_board::TaskBoard;
use super::worker::Worker;
use crate::future::FutureError;
use crate::notebook::{Blocked, BlockedOn};
use crate::process::ChildProcess;

/// With more free tasks than this for each worker, a fork, which shares all of them, takes less time than sending them
/// one by one.
const MAX_CALLS_PER_WORKER: usize = 8;

pub(super) struct Dispatcher {
    orders: Arc<OrderBook>,
    settings: Arc<Settings>,
    board: TaskBoard,
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
            board: TaskBoard::new(),
            workers: Vec::new(),
            exiting: Vec::new(),
        }
    }

    /// Runs until the pool is shut down and all tasks are done.
    pub(super) fn run(mut self) {
        self.orders.lock().dispatcher = Dispatch::By(std::thread::current().id());
        loop {
            let is_closed = self.take_orders();
            let free = self.send_calls();
            self.dismiss_workers(free, is_closed);
            self.start_workers(free);
            if self.workers.is_empty() && self.board.is_empty() && self.orders.lock().is_over() {
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

    /// Takes the new tasks, and does as it is told. Returns whether the pool is shut down.
    fn take_orders(&mut self) -> bool {
        let (refusal, signal, is_closed) = {
            let mut orders = self.orders.answer();
            self.board.append(&mut orders.tasks);
            let refusal = match &orders.broken {
                Some(error) => Some(error.clone()),
                None => orders.cancel.then_some(FutureError::Cancelled),
            };
            (refusal, orders.signal.take(), orders.closed)
        };
        match refusal {
            Some(error) => self.board.withdraw_all(&error),
            None => self.board.offer_backlog(),
        }
        if let Some(signal) = signal {
            for worker in &self.workers {
                worker.signal(signal);
            }
        }
        is_closed
    }

    /// Sends calls to the workers that wait. Returns how many tasks are free besides, or a number above what
    /// `max_workers` needs.
    fn send_calls(&mut self) -> usize {
        let limit = MAX_CALLS_PER_WORKER * self.settings.max_workers;
        let is_called = |position| self.workers.iter().any(|w| w.called() == Some(position));
        let free = self.board.free().filter(|&position| !is_called(position));
        let mut free: Vec<u64> = free.take(limit + 1).collect();
        if free.len() <= limit {
            for worker in self.workers.iter_mut().filter(|worker| worker.waits()) {
                let known = worker.known;
                let call = |at| Some((at, self.board.call(free[at], known)?));
                if let Some((at, call)) = (0..free.len()).find_map(call) {
                    worker.call(free[at], call);
                    free.remove(at);
                }
            }
        }
        free.len()
    }

    /// Has workers that wait make room for those that the free tasks need. If the pool is shut down, no one needs them.
    fn dismiss_workers(&mut self, free: usize, is_closed: bool) {
        let room = self.settings.max_workers - self.workers.len();
        let surplus = match free {
            0 if is_closed => usize::MAX,
            _ => free.saturating_sub(room),
        };
        let waiting = self.workers.iter_mut().filter(|worker| worker.waits());
        for worker in waiting.take(surplus) {
            worker.dismiss();
        }
    }

    /// Starts a worker for each free task, up to the limit.
    ///
    /// A worker knows the tasks that exist when it is forked. When it has no more of them, it waits for calls or exits,
    /// and the next one knows the tasks that have come since.
    fn start_workers(&mut self, free: usize) {
        let room = self.settings.max_workers - self.workers.len();
        for _ in 0..free.min(room) {
            let is_used = |number| self.workers.iter().any(|worker| worker.number == number);
            let number = (0..).find(|&number| !is_used(number)).unwrap_or_default();
            match Worker::start(number, &self.settings, &mut self.board) {
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
        let fds = self.workers.iter().flat_map(|w| w.process.descriptors());
        let mut polls: Vec<_> = std::iter::once(self.orders.bell())
            .chain(fds)
            .map(|fd| libc::pollfd {
                fd,
                events: libc::POLLIN,
                revents: 0,
            })
            .collect();
        let what = match self.workers.iter().all(Worker::waits) {
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
            Fate::Exits => self.let_exit(index),
            Fate::IsNotReady => {
                self.let_exit(index);
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

    fn let_exit(&mut self, index: usize) {
        self.exiting.retain(ChildProcess::is_alive);
        self.exiting.push(self.workers.remove(index).process.child);
    }

    fn receive(&mut self, index: usize) -> Fate {
        let mut fate = Fate::Works;
        let board = &mut self.board;
        self.workers[index].receive(|message| match message {
            Message::Ready | Message::Waits => {}
            Message::NotReady => fate = Fate::IsNotReady,
            Message::Done => fate = Fate::Exits,
            Message::Outcome(position, result) => board.complete(position, result),
        });
        fate
    }

    /// A worker has died: the task that it was running fails. The others go on.
    fn bury(&mut self, worker: &Worker) {
        let how = worker.end();
        let error = FutureError::BrokenProcessPool(format!("{how} while it ran the task"));
        let was_running = self.board.fail_task_of(worker.number, error);
        let was_of_use = worker.ready && (worker.has_run || worker.was_killed());
        if !was_running && !was_of_use {
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
            self.board.append(&mut orders.tasks);
        }
        self.board.withdraw_all(&error);
    }
}
