//! The objects in the server that block: a lock, a queue, and the slots of a pool.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{Answer, Bytes, Client, EMPTY_ANSWER, part, unknown};
use crate::manager::error::ManagerError;
use crate::manager::wire::Op;
use crate::os;
use crate::sync::lock;
use crate::wait::POLL_INTERVAL;

/// A value that clients can wait for.
pub(in crate::manager) struct Monitor<T> {
    pub(super) state: Mutex<T>,
    pub(super) changed: Condvar,
}

/// The state is the process that holds the lock. `number` is the timeout in milliseconds, or -1 for none.
pub(super) fn answer_lock(
    owner: &Monitor<Option<u32>>,
    op: Op,
    number: i64,
    client: &Client,
) -> Answer {
    match op {
        Op::Acquire => {
            let taken = owner.when(number, client, |owner| match *owner {
                None => {
                    *owner = Some(client.pid);
                    Some(Ok(()))
                }
                Some(pid) if os::thread_has_ended(u64::from(pid)) => {
                    Some(Err(ManagerError::OwnerDied { pid }))
                }
                Some(_) => None,
            });
            match taken {
                Some(result) => result.map(|()| (1, Vec::new())),
                None => EMPTY_ANSWER,
            }
        }
        Op::Locked => Ok((i64::from(lock(&owner.state).is_some()), Vec::new())),
        Op::Release => match lock(&owner.state).take() {
            Some(_) => {
                owner.changed.notify_one();
                EMPTY_ANSWER
            }
            None => Err(ManagerError::Value("release unlocked lock".into())),
        },
        _ => unknown(op),
    }
}

/// `number` is the timeout in milliseconds, or -1 for none; `most` items fit, or any number if it is 0.
pub(super) fn answer_queue(
    queue: &Monitor<Queue>,
    most: usize,
    op: Op,
    number: i64,
    parts: &[&[u8]],
    client: &Client,
) -> Answer {
    match op {
        Op::Len => Ok((lock(&queue.state).items.len() as i64, Vec::new())),
        Op::Put => {
            let put = queue.when(number, client, |queue| {
                let room = most == 0 || queue.items.len() < most;
                room.then(|| {
                    queue.items.push_back(part(parts, 0).into());
                    queue.unfinished += 1;
                })
            });
            queue.changed.notify_all();
            put.map_or(Err(ManagerError::Full), |()| EMPTY_ANSWER)
        }
        Op::Take => {
            let taken = queue.when(number, client, |queue| queue.items.pop_front());
            queue.changed.notify_all();
            taken.map_or(Err(ManagerError::Empty), |item| Ok((0, vec![item])))
        }
        Op::TaskDone => {
            let mut queue_now = lock(&queue.state);
            let Some(left) = queue_now.unfinished.checked_sub(1) else {
                return Err(ManagerError::Value(
                    "task_done() called too many times".into(),
                ));
            };
            queue_now.unfinished = left;
            queue.changed.notify_all();
            EMPTY_ANSWER
        }
        Op::Join => {
            queue.when(number, client, |queue| {
                (queue.unfinished == 0).then_some(())
            });
            EMPTY_ANSWER
        }
        // The bound; 0 means none.
        Op::Get => Ok((most as i64, Vec::new())),
        _ => unknown(op),
    }
}

/// The state is the processes that hold a slot each; there are `most`. Those of a process that has exited are free.
pub(super) fn answer_slots(
    slots: &Monitor<Vec<u32>>,
    most: usize,
    op: Op,
    number: i64,
    client: &Client,
) -> Answer {
    match op {
        Op::Get => Ok((most as i64, Vec::new())),
        Op::Acquire => {
            let taken = slots.when(number, client, |owners| {
                if owners.len() >= most {
                    owners.retain(|&pid| !os::thread_has_ended(u64::from(pid)));
                }
                (owners.len() < most).then(|| owners.push(client.pid))
            });
            Ok((i64::from(taken.is_some()), Vec::new()))
        }
        Op::Release => {
            let mut owners = lock(&slots.state);
            if let Some(at) = owners.iter().position(|&pid| pid == client.pid) {
                owners.swap_remove(at);
            }
            slots.changed.notify_one();
            EMPTY_ANSWER
        }
        _ => unknown(op),
    }
}

/// The items of a queue, and how many were put and not reported as done.
#[derive(Default)]
pub(in crate::manager) struct Queue {
    pub(super) items: VecDeque<Bytes>,
    unfinished: usize,
}

impl<T> Monitor<T> {
    pub(super) fn new(state: T) -> Self {
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Blocks until `take` returns something, for at most `limit` milliseconds (-1: no limit), and while the client
    /// lives: one that was killed must not take anything.
    pub(super) fn when<R>(
        &self,
        limit: i64,
        client: &Client,
        mut take: impl FnMut(&mut T) -> Option<R>,
    ) -> Option<R> {
        let deadline = u64::try_from(limit)
            .ok()
            .and_then(|limit| Instant::now().checked_add(Duration::from_millis(limit)));
        let mut state = lock(&self.state);
        loop {
            if let Some(result) = take(&mut state) {
                return Some(result);
            }
            let left = deadline.map_or(POLL_INTERVAL, |deadline| {
                deadline.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return None;
            }
            let waited = self.changed.wait_timeout(state, left.min(POLL_INTERVAL));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if client.transport.peer_exited() {
                // It may have been woken instead of another.
                self.changed.notify_one();
                return None;
            }
        }
    }
}
