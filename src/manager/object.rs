//! The objects in the server, which stores bytes and so needs no code of any type.

mod answer;
mod barrier;
mod blocking;
mod collections;
mod condition;
mod counters;

use std::sync::Mutex;

pub(super) use self::answer::{Answer, Client};
use self::answer::{Bytes, EMPTY_ANSWER, part, unknown};
use self::barrier::{BarrierState, answer_barrier};
use self::blocking::{Monitor, Queue, answer_lock, answer_queue, answer_slots};
use self::collections::{Dict, List};
use self::condition::{ConditionState, answer_condition};
use self::counters::{answer_event, answer_semaphore};
use super::wire::Op;
use crate::sync::lock;

pub(super) enum Object {
    List(Mutex<List>),
    Dict(Mutex<Dict>),
    Value(Mutex<Bytes>),
    Lock(Monitor<Option<u32>>),
    Queue(Monitor<Queue>, usize),
    /// A re-entrant lock too: one for which no one waits.
    Condition(Monitor<ConditionState>),
    /// The second number is the bound, if there is one.
    Semaphore(Monitor<i64>, Option<i64>),
    Event(Monitor<bool>),
    Barrier(Monitor<BarrierState>, usize),
    Slots(Monitor<Vec<u32>>, usize),
}

impl Object {
    /// Creates the object that a request asks for. None: the request asks for something else.
    pub(super) fn new(op: Op, number: i64, parts: &[&[u8]]) -> Option<Self> {
        Some(match op {
            Op::NewList => Self::List(Mutex::new(List::new(parts))),
            Op::NewDict => {
                let mut dict = Dict::default();
                for pair in parts.chunks_exact(2) {
                    dict.set(pair[0], pair[1]);
                }
                Self::Dict(Mutex::new(dict))
            }
            Op::NewValue => Self::Value(Mutex::new(part(parts, 0).into())),
            Op::NewLock => Self::Lock(Monitor::new(None)),
            Op::NewQueue => Self::Queue(Monitor::new(Queue::default()), number.max(0) as usize),
            Op::NewCondition => Self::Condition(Monitor::new(ConditionState::default())),
            Op::NewSemaphore => {
                let bound = (!parts.is_empty()).then_some(number);
                Self::Semaphore(Monitor::new(number), bound)
            }
            Op::NewEvent => Self::Event(Monitor::new(false)),
            Op::NewBarrier => Self::Barrier(
                Monitor::new(BarrierState::default()),
                number.max(1) as usize,
            ),
            Op::NewSlots => Self::Slots(Monitor::new(Vec::new()), number.max(1) as usize),
            _ => return None,
        })
    }

    pub(super) fn answer(&self, op: Op, number: i64, parts: &[&[u8]], client: &Client) -> Answer {
        match self {
            Self::List(list) => lock(list).answer(op, number, parts),
            Self::Dict(dict) => lock(dict).answer(op, parts),
            Self::Value(value) => match op {
                Op::Get => Ok((0, vec![lock(value).clone()])),
                Op::Set => {
                    *lock(value) = part(parts, 0).into();
                    EMPTY_ANSWER
                }
                _ => unknown(op),
            },
            Self::Lock(owner) => answer_lock(owner, op, number, client),
            Self::Queue(queue, most) => answer_queue(queue, *most, op, number, parts, client),
            Self::Condition(condition) => answer_condition(condition, op, number, client),
            Self::Semaphore(value, bound) => answer_semaphore(value, *bound, op, number, client),
            Self::Event(flag) => answer_event(flag, op, number, client),
            Self::Barrier(barrier, parties) => {
                answer_barrier(barrier, *parties, op, number, client)
            }
            Self::Slots(slots, most) => answer_slots(slots, *most, op, number, client),
        }
    }

    /// Undoes an answer that its client did not live to see: it frees a lock, or puts an item back into its queue.
    pub(super) fn undo(&self, op: Op, number: i64, parts: Vec<Bytes>) {
        match (self, op) {
            (Self::Lock(owner), Op::Acquire) if number == 1 => {
                lock(&owner.state).take();
                owner.changed.notify_one();
            }
            (Self::Queue(queue, _), Op::Take) => {
                let mut state = lock(&queue.state);
                let items = &mut state.items;
                parts.into_iter().for_each(|item| items.push_front(item));
                queue.changed.notify_one();
            }
            (Self::Condition(condition), Op::Acquire | Op::Wait) => {
                lock(&condition.state).free_once();
                condition.changed.notify_all();
            }
            (Self::Semaphore(value, _), Op::Acquire) if number == 1 => {
                *lock(&value.state) += 1;
                value.changed.notify_one();
            }
            _ => {}
        }
    }
}
