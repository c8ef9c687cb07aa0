//! The objects in the server, which stores bytes and so needs no code of any type.

mod answer;
mod blocking;
mod collections;

use std::collections::VecDeque;
use std::sync::Mutex;

pub(super) use self::answer::{Answer, Client};
use self::answer::{Bytes, EMPTY_ANSWER, part, unknown};
use self::blocking::{Monitor, answer_lock, answer_queue};
use self::collections::{Dict, List};
use super::wire::Op;
use crate::sync::lock;

pub(super) enum Object {
    List(Mutex<List>),
    Dict(Mutex<Dict>),
    Value(Mutex<Bytes>),
    Lock(Monitor<Option<u32>>),
    Queue(Monitor<VecDeque<Bytes>>, usize),
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
            Op::NewQueue => Self::Queue(Monitor::new(VecDeque::new()), number.max(0) as usize),
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
                let mut items = lock(&queue.state);
                parts.into_iter().for_each(|item| items.push_front(item));
                queue.changed.notify_one();
            }
            _ => {}
        }
    }
}
