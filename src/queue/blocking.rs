//! A queue that blocks, whatever the order of its items.

use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Instant;

use super::error::{GetError, PutError, TaskDoneTooOften};
use super::storage::Storage;
use crate::sync;

pub(super) struct Blocking<T, S> {
    state: Mutex<State<S>>,
    /// 0: any number of items.
    maxsize: usize,
    not_empty: Condvar,
    not_full: Condvar,
    all_done: Condvar,
    item: PhantomData<T>,
}

#[derive(Default)]
struct State<S> {
    items: S,
    /// Items that were put and not reported done.
    unfinished: usize,
    is_shut_down: bool,
    /// How many threads wait on each condition: without any, no system call is needed.
    getters: usize,
    putters: usize,
}

impl<T, S: Storage<T>> Blocking<T, S> {
    pub(super) fn new(maxsize: usize) -> Self {
        Self {
            state: Mutex::default(),
            maxsize,
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
            all_done: Condvar::new(),
            item: PhantomData,
        }
    }

    /// Puts an item, at the latest at the deadline (None: no limit).
    pub(super) fn put(&self, item: T, deadline: Option<Instant>) -> Result<(), PutError<T>> {
        let mut state = self.lock();
        let mut in_time = true;
        loop {
            if state.is_shut_down {
                return Err(PutError::ShutDown(item));
            }
            if !self.is_full(&state) {
                break;
            }
            if !in_time {
                return Err(PutError::Full(item));
            }
            state.putters += 1;
            (state, in_time) = sync::wait_until(&self.not_full, state, deadline);
            state.putters -= 1;
        }
        state.items.put(item);
        state.unfinished += 1;
        let is_awaited = state.getters > 0;
        drop(state);
        if is_awaited {
            self.not_empty.notify_one();
        }
        Ok(())
    }

    /// Takes an item, at the latest at the deadline (None: no limit).
    pub(super) fn get(&self, deadline: Option<Instant>) -> Result<T, GetError> {
        let mut state = self.lock();
        let mut in_time = true;
        let item = loop {
            if let Some(item) = state.items.take() {
                break item;
            }
            if state.is_shut_down {
                return Err(GetError::ShutDown);
            }
            if !in_time {
                return Err(GetError::Empty);
            }
            state.getters += 1;
            (state, in_time) = sync::wait_until(&self.not_empty, state, deadline);
            state.getters -= 1;
        };
        let is_awaited = state.putters > 0;
        drop(state);
        if is_awaited {
            self.not_full.notify_one();
        }
        Ok(item)
    }

    pub(super) fn task_done(&self) -> Result<(), TaskDoneTooOften> {
        let mut state = self.lock();
        state.unfinished = state.unfinished.checked_sub(1).ok_or(TaskDoneTooOften)?;
        if state.unfinished == 0 {
            self.all_done.notify_all();
        }
        Ok(())
    }

    /// Waits until every item is reported done.
    pub(super) fn join(&self) {
        let mut state = self.lock();
        while state.unfinished > 0 {
            state = sync::wait(&self.all_done, state);
        }
    }

    /// Puts nothing any more; with `immediate`, what is in the queue counts as done and is returned.
    pub(super) fn shut_down(&self, immediate: bool) -> Option<S> {
        let mut state = self.lock();
        state.is_shut_down = true;
        let dropped = immediate.then(|| {
            state.unfinished = state.unfinished.saturating_sub(state.items.len());
            std::mem::take(&mut state.items)
        });
        self.not_empty.notify_all();
        self.not_full.notify_all();
        if state.unfinished == 0 {
            self.all_done.notify_all();
        }
        dropped
    }

    pub(super) fn len(&self) -> usize {
        self.lock().items.len()
    }

    pub(super) fn full(&self) -> bool {
        self.is_full(&self.lock())
    }

    pub(super) fn unfinished(&self) -> usize {
        self.lock().unfinished
    }

    fn is_full(&self, state: &State<S>) -> bool {
        self.maxsize > 0 && state.items.len() >= self.maxsize
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        sync::lock(&self.state)
    }
}
