//! A condition in the server, and the re-entrant lock that it contains.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use super::answer::{Answer, Client, EMPTY_ANSWER, unknown};
use super::blocking::Monitor;
use crate::manager::error::ManagerError;
use crate::manager::wire::Op;
use crate::os;
use crate::sync::lock;

#[derive(Default)]
pub(in crate::manager) struct ConditionState {
    owner: Option<Owner>,
    /// The tickets of those who wait, the longest first.
    waiting: VecDeque<u64>,
    /// The tickets of those who were notified and do not know it yet.
    notified: Vec<u64>,
    next_ticket: u64,
}

/// Who holds the lock: a thread of a client, which is known by its connection.
struct Owner {
    pid: u32,
    connection: Weak<()>,
    count: u64,
}

/// `number` is the timeout in milliseconds (-1: none), or how many to notify (-1: all).
pub(super) fn answer_condition(
    condition: &Monitor<ConditionState>,
    op: Op,
    number: i64,
    client: &Client,
) -> Answer {
    match op {
        Op::Acquire => acquire(condition, number, 1, client),
        Op::Release => {
            let mut state = lock(&condition.state);
            let owner = state.owned_by(client, "cannot release un-acquired lock")?;
            owner.count -= 1;
            if owner.count == 0 {
                state.owner = None;
                condition.changed.notify_all();
            }
            EMPTY_ANSWER
        }
        Op::Locked => {
            let is_locked = lock(&condition.state).owner.is_some();
            Ok((i64::from(is_locked), Vec::new()))
        }
        Op::Wait => wait(condition, number, client),
        Op::Notify => {
            let mut state = lock(&condition.state);
            state.owned_by(client, "cannot notify on un-acquired lock")?;
            let all = state.waiting.len();
            let count = usize::try_from(number).unwrap_or(all).min(all);
            let woken: Vec<u64> = state.waiting.drain(..count).collect();
            state.notified.extend(woken);
            condition.changed.notify_all();
            EMPTY_ANSWER
        }
        _ => unknown(op),
    }
}

fn acquire(condition: &Monitor<ConditionState>, limit: i64, count: u64, client: &Client) -> Answer {
    let taken = condition.when(limit, client, |state| match &mut state.owner {
        None => {
            state.owner = Some(Owner {
                pid: client.pid,
                connection: Arc::downgrade(client.connection),
                count,
            });
            Some(Ok(()))
        }
        Some(owner) if owner.is(client) => {
            owner.count += count;
            Some(Ok(()))
        }
        Some(owner) if owner.has_ended() => Some(Err(ManagerError::OwnerDied { pid: owner.pid })),
        Some(_) => None,
    });
    match taken {
        Some(result) => result.map(|()| (1, Vec::new())),
        None => EMPTY_ANSWER,
    }
}

/// Releases the lock, waits to be notified, and takes the lock again. The answer says whether it was notified.
fn wait(condition: &Monitor<ConditionState>, limit: i64, client: &Client) -> Answer {
    let (ticket, count) = {
        let mut state = lock(&condition.state);
        let count = state
            .owned_by(client, "cannot wait on un-acquired lock")?
            .count;
        state.owner = None;
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back(ticket);
        (ticket, count)
    };
    condition.changed.notify_all();
    let notified = condition.when(limit, client, |state| state.take_notification(ticket));
    let was_notified = notified.is_some() || {
        let mut state = lock(&condition.state);
        state.waiting.retain(|&other| other != ticket);
        // It may have come just after the deadline. If the client is gone, it is another's.
        let late = state.take_notification(ticket).is_some();
        if late
            && client.transport.peer_exited()
            && let Some(next) = state.waiting.pop_front()
        {
            state.notified.push(next);
            condition.changed.notify_all();
        }
        late
    };
    acquire(condition, -1, count, client)?;
    Ok((i64::from(was_notified), Vec::new()))
}

impl ConditionState {
    fn owned_by(&mut self, client: &Client, error: &str) -> Result<&mut Owner, ManagerError> {
        match &mut self.owner {
            Some(owner) if owner.is(client) => Ok(owner),
            _ => Err(ManagerError::Value(error.into())),
        }
    }

    fn take_notification(&mut self, ticket: u64) -> Option<()> {
        let at = self.notified.iter().position(|&other| other == ticket)?;
        self.notified.swap_remove(at);
        Some(())
    }

    /// Frees the lock whose owner did not live to hear that it has it, unless it had it before: then it may have left
    /// what the lock protects half changed.
    pub(super) fn free_once(&mut self) {
        self.owner.take_if(|owner| owner.count == 1);
    }
}

impl Owner {
    fn is(&self, client: &Client) -> bool {
        // The address is not another connection's: the allocation lives as long as this `Weak`.
        self.connection.as_ptr() == Arc::as_ptr(client.connection)
    }

    fn has_ended(&self) -> bool {
        self.connection.strong_count() == 0 || os::thread_has_ended(u64::from(self.pid))
    }
}
