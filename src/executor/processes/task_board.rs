//! The tasks of a pool that are not done, each at its position.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::call::{Call, Code};
use super::claims::{Claims, SLOTS};
use super::task::Task;
use crate::future::FutureError;

/// Only the dispatcher changes it, which also forks, so a worker's copy is consistent.
pub(super) struct TaskBoard {
    pub(super) claims: Claims,
    /// Tasks for which there is no slot yet.
    backlog: VecDeque<Box<dyn Task>>,
    /// The others, each at its position modulo [`SLOTS`].
    tasks: Vec<Option<Box<dyn Task>>>,
    /// The position of the next task.
    end: u64,
    /// The position of the first call with each code.
    codes: HashMap<Code, u64>,
    /// The newest task is a call.
    pub(super) ends_with_call: bool,
}

impl TaskBoard {
    pub(super) fn new() -> Self {
        Self {
            claims: Claims::new(),
            backlog: VecDeque::new(),
            tasks: std::iter::repeat_with(|| None)
                .take(SLOTS as usize)
                .collect(),
            end: 0,
            codes: HashMap::new(),
            ends_with_call: false,
        }
    }

    /// Takes new tasks over, which [`TaskBoard::offer_backlog`] then offers.
    pub(super) fn append(&mut self, tasks: &mut VecDeque<Box<dyn Task>>) {
        self.backlog.append(tasks);
    }

    /// Lets workers take the new tasks, as many as there is room for.
    pub(super) fn offer_backlog(&mut self) {
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
        if let Some(call) = task.call() {
            self.codes.entry(call.code).or_insert(position);
        }
        self.ends_with_call = task.call().is_some();
        self.tasks[slot_of(position)] = Some(task);
        self.end = position + 1;
    }

    /// The position after the newest task: a worker that is forked now knows those before it.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The tasks that no worker has taken.
    pub(super) fn free(&self) -> impl Iterator<Item = u64> + '_ {
        self.claims.pass_taken(self.end);
        self.claims.free(0..self.end)
    }

    /// The task as a call, if a worker that was forked at the end `known` can run it.
    pub(super) fn call(&self, position: u64, known: u64) -> Option<&Call> {
        let call = self.tasks[slot_of(position)].as_ref()?.call()?;
        let first = self.codes.get(&call.code)?;
        (*first < known).then_some(call)
    }

    /// The task at this position. For a worker that has taken it.
    pub(super) fn task(&mut self, position: u64) -> Option<&mut Box<dyn Task>> {
        self.tasks[slot_of(position)].as_mut()
    }

    /// Completes a task that a worker has taken.
    pub(super) fn complete(&mut self, position: u64, result: Result<&[u8], FutureError>) {
        if let Some(task) = self.tasks[slot_of(position)].take() {
            complete(task, result);
        }
    }

    /// Fails the task that a worker was running when it died, if there is one.
    pub(super) fn fail_task_of(&mut self, worker: usize, error: FutureError) -> bool {
        let tasks = &self.tasks;
        let taken = self.claims.slots_of(worker);
        let lost = taken.into_iter().find(|&slot| tasks[slot].is_some());
        let lost = lost.and_then(|slot| self.tasks[slot].take());
        lost.map(|task| complete(task, Err(error))).is_some()
    }

    /// All tasks that have not started get this error.
    pub(super) fn withdraw_all(&mut self, error: &FutureError) {
        let free: Vec<u64> = self.free().collect();
        for position in free {
            if self.claims.withdraw(position) {
                self.complete(position, Err(error.clone()));
            }
        }
        for task in self.backlog.drain(..) {
            complete(task, Err(error.clone()));
        }
    }

    /// Returns whether all tasks were taken or withdrawn.
    pub(super) fn is_empty(&self) -> bool {
        self.backlog.is_empty() && self.free().next().is_none()
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
