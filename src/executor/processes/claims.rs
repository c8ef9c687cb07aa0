//! Which task which worker has taken, in memory that the workers share.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::*};

use crate::future::Claim;
use crate::mapping::{Shared, Zeroed};

/// How many tasks there can be between the oldest that no worker has taken and the newest.
pub(super) const SLOTS: u64 = 1 << 16;

/// A slot is the position of its task, shifted by this, and one of the states below.
const STATE_BITS: u32 = 16;
const STATE_MASK: u64 = (1 << STATE_BITS) - 1;
const FREE: u64 = 0;
const WITHDRAWN: u64 = 1;
/// This and above: taken by the worker with this number, counted from here.
const TAKEN: u64 = 2;

/// The most workers whose numbers fit into a slot, with room to spare.
pub(super) const MAX_WORKERS: usize = 1 << 15;

/// The claims of all tasks. Task n has slot n modulo [`SLOTS`], as long as it is not done.
#[derive(Clone)]
pub(super) struct Claims(Arc<Shared<Table>>);

#[repr(C)]
struct Table {
    /// No task before this position is free.
    next: AtomicU64,
    slots: [AtomicU64; SLOTS as usize],
}

// SAFETY: integers that only atomics change; zeros are valid.
unsafe impl Zeroed for Table {}

impl Claims {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared::new("ProcessPoolExecutor")))
    }

    /// The oldest position that may be free.
    pub(super) fn next(&self) -> u64 {
        self.0.next.load(Acquire)
    }

    /// Puts a task at `position`: its slot is not used by another task that is not done.
    pub(super) fn offer(&self, position: u64) {
        self.slot(position)
            .store(position << STATE_BITS | FREE, Release);
    }

    /// Takes the first free task of `positions` for a worker.
    pub(super) fn take(&self, positions: Range<u64>, worker: usize) -> Option<u64> {
        let start = positions.start.max(self.next());
        for position in start..positions.end {
            if self.change(position, TAKEN + worker as u64) {
                // Whoever takes a task has found none free before it.
                self.0.next.fetch_max(position + 1, AcqRel);
                return Some(position);
            }
        }
        None
    }

    /// Takes the task at `position` for a worker. Returns false if it is not free.
    pub(super) fn take_this(&self, position: u64, worker: usize) -> bool {
        self.change(position, TAKEN + worker as u64)
    }

    /// Has [`Claims::next`] pass the tasks before `end` that are not free: those of [`Claims::take_this`], which may
    /// leave free ones behind.
    pub(super) fn pass_taken(&self, end: u64) {
        let next = self.next();
        let first_free = self.free(next..end).next().unwrap_or(end);
        self.0.next.fetch_max(first_free, AcqRel);
    }

    /// The free tasks among `positions`.
    pub(super) fn free(&self, positions: Range<u64>) -> impl Iterator<Item = u64> + '_ {
        let start = positions.start.max(self.next());
        (start..positions.end).filter(|&position| self.state(position) == Some(FREE))
    }

    /// Keeps the task from being taken. Returns false if a worker has taken it.
    pub(super) fn withdraw(&self, position: u64) -> bool {
        self.change(position, WITHDRAWN)
    }

    /// The claim of one task.
    pub(super) fn of_task(&self, position: u64) -> TaskClaim {
        TaskClaim {
            claims: self.clone(),
            position,
        }
    }

    pub(super) fn is_withdrawn(&self, position: u64) -> bool {
        self.state(position) == Some(WITHDRAWN)
    }

    /// The slots of the tasks that the worker has taken, whether or not they are done.
    pub(super) fn slots_of(&self, worker: usize) -> Vec<usize> {
        let state = TAKEN + worker as u64;
        let words = self.0.slots.iter().enumerate();
        words
            .filter(|(_, word)| word.load(Acquire) & STATE_MASK == state)
            .map(|(slot, _)| slot)
            .collect()
    }

    /// None: the slot belongs to another task by now.
    fn state(&self, position: u64) -> Option<u64> {
        let word = self.slot(position).load(Acquire);
        (word >> STATE_BITS == position).then_some(word & STATE_MASK)
    }

    /// Changes the state of a free task. Returns whether it was free.
    fn change(&self, position: u64, state: u64) -> bool {
        let word = position << STATE_BITS;
        self.slot(position)
            .compare_exchange(word | FREE, word | state, AcqRel, Relaxed)
            .is_ok()
    }

    fn slot(&self, position: u64) -> &AtomicU64 {
        &self.0.slots[(position % SLOTS) as usize]
    }
}

/// The claim of one task, for its future.
pub(super) struct TaskClaim {
    claims: Claims,
    position: u64,
}

impl Claim for TaskClaim {
    fn withdraw(&self) -> bool {
        self.claims.withdraw(self.position)
    }

    fn is_taken(&self) -> bool {
        let state = self.claims.state(self.position);
        state.is_some_and(|state| state >= TAKEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_task_is_taken_once_and_in_order() {
        let claims = Claims::new();
        for position in 0..3 {
            claims.offer(position);
        }
        assert_eq!(claims.free(0..3).count(), 3);
        assert_eq!(claims.take(0..3, 0), Some(0));
        let second = claims.of_task(1);
        assert!(!second.is_taken() && second.withdraw() && !second.withdraw());
        assert_eq!(claims.take(0..3, 1), Some(2));
        assert_eq!(claims.take(0..3, 1), None);
        assert_eq!((claims.slots_of(0), claims.slots_of(1)), (vec![0], vec![2]));
        assert_eq!((claims.free(0..3).count(), claims.next()), (0, 3));
    }

    #[test]
    fn taking_one_task_leaves_those_before_it_free() {
        let claims = Claims::new();
        for position in 0..3 {
            claims.offer(position);
        }
        assert!(claims.take_this(1, 0) && !claims.take_this(1, 1));
        claims.pass_taken(3);
        assert_eq!(claims.next(), 0);
        assert!(claims.take_this(0, 0));
        claims.pass_taken(3);
        assert_eq!(claims.next(), 2);
        assert_eq!(claims.take(0..3, 0), Some(2));
    }

    #[test]
    fn a_worker_that_knows_an_older_task_does_not_take_the_newer_one_in_its_slot() {
        let claims = Claims::new();
        claims.offer(0);
        assert_eq!(claims.take(0..1, 0), Some(0));
        claims.offer(SLOTS);
        assert_eq!(claims.take(0..1, 1), None);
        assert_eq!(claims.take(0..SLOTS + 1, 1), Some(SLOTS));
    }
}
