//! The objects in the server. It stores bytes, and so needs no code of any type.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::ManagerError;
use super::line::Line;
use super::wire::Op;
use crate::os;
use crate::shared::SLICE;

type Bytes = Box<[u8]>;

pub(super) enum Object {
    List(Mutex<List>),
    Dict(Mutex<Dict>),
    Value(Mutex<Bytes>),
    Lock(Waiting<Option<u32>>),
    Queue(Waiting<VecDeque<Bytes>>, usize),
}

#[derive(Default)]
pub(super) struct List {
    items: Vec<Bytes>,
    /// Counts the changes.
    version: i64,
}

/// Keeps the order in which keys were first set, as Python's dict.
#[derive(Default)]
pub(super) struct Dict {
    items: HashMap<Bytes, (u64, Bytes)>,
    next: u64,
}

/// Something that can be waited for.
pub(super) struct Waiting<T> {
    state: Mutex<T>,
    changed: Condvar,
}

/// Who asks.
pub(super) struct Client<'a> {
    pub(super) pid: u32,
    pub(super) line: &'a Line,
}

/// What a reply carries: a number and parts.
pub(super) type Answer = Result<(i64, Vec<Bytes>), ManagerError>;

const NOTHING: Answer = Ok((0, Vec::new()));

impl Object {
    /// The new object that a request asks for. None: it asks for something else.
    pub(super) fn new(op: Op, number: i64, parts: &[&[u8]]) -> Option<Self> {
        Some(match op {
            Op::NewList => Self::List(Mutex::new(List {
                items: parts.iter().map(|&part| part.into()).collect(),
                version: 0,
            })),
            Op::NewDict => {
                let mut dict = Dict::default();
                for pair in parts.chunks_exact(2) {
                    dict.set(pair[0], pair[1]);
                }
                Self::Dict(Mutex::new(dict))
            }
            Op::NewValue => Self::Value(Mutex::new(part(parts, 0).into())),
            Op::NewLock => Self::Lock(Waiting::new(None)),
            Op::NewQueue => Self::Queue(Waiting::new(VecDeque::new()), number.max(0) as usize),
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
                    NOTHING
                }
                _ => unknown(op),
            },
            Self::Lock(owner) => answer_lock(owner, op, number, client),
            Self::Queue(queue, most) => answer_queue(queue, *most, op, number, parts, client),
        }
    }
}

impl Object {
    /// Undoes an answer that its client did not live to see: a lock is free again, an item back in its queue.
    pub(super) fn take_back(&self, op: Op, number: i64, parts: Vec<Bytes>) {
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

impl List {
    fn answer(&mut self, op: Op, number: i64, parts: &[&[u8]]) -> Answer {
        let items = &mut self.items;
        let index = number as usize;
        let out_of_range = |what: &str| Err(ManagerError::Index(format!("{what} out of range")));
        match op {
            Op::Len => return Ok((items.len() as i64, Vec::new())),
            Op::All => return Ok((self.version, items.clone())),
            Op::Get => match items.get(index) {
                Some(item) => return Ok((0, vec![item.clone()])),
                None => return out_of_range("list index"),
            },
            Op::Find => match items.iter().position(|item| **item == *part(parts, 0)) {
                Some(at) => return Ok((at as i64, Vec::new())),
                None => return Err(ManagerError::Value("the value is not in the list".into())),
            },
            Op::Count => {
                let same = items.iter().filter(|item| ***item == *part(parts, 0));
                return Ok((same.count() as i64, Vec::new()));
            }
            _ => {}
        }
        self.version += 1;
        match op {
            Op::Set => match items.get_mut(index) {
                Some(item) => *item = part(parts, 0).into(),
                None => return out_of_range("list assignment index"),
            },
            Op::Append | Op::Extend => items.extend(parts.iter().map(|&part| Bytes::from(part))),
            // As in Python, an index behind the end means the end.
            Op::Insert => items.insert(index.min(items.len()), part(parts, 0).into()),
            Op::Pop if items.is_empty() => {
                return Err(ManagerError::Index("pop from empty list".into()));
            }
            Op::Pop if number < 0 => return Ok((0, items.pop().into_iter().collect())),
            Op::Pop if index < items.len() => return Ok((0, vec![items.remove(index)])),
            Op::Pop => return out_of_range("pop index"),
            Op::Remove => match items.iter().position(|item| **item == *part(parts, 0)) {
                Some(at) => drop(items.remove(at)),
                None => return Err(ManagerError::Value("the value is not in the list".into())),
            },
            Op::Reverse => items.reverse(),
            Op::Clear => items.clear(),
            // All anew, if no one has changed it since. Says whether.
            Op::Replace => {
                let unchanged = self.version - 1 == number;
                if unchanged {
                    *items = parts.iter().map(|&part| part.into()).collect();
                } else {
                    self.version -= 1;
                }
                return Ok((i64::from(unchanged), Vec::new()));
            }
            _ => return unknown(op),
        }
        NOTHING
    }
}

impl Dict {
    fn set(&mut self, key: &[u8], value: &[u8]) {
        match self.items.get_mut(key) {
            Some((_, old)) => *old = value.into(),
            None => {
                self.items.insert(key.into(), (self.next, value.into()));
                self.next += 1;
            }
        }
    }

    fn answer(&mut self, op: Op, parts: &[&[u8]]) -> Answer {
        let no_key = || Err(ManagerError::Key("there is no such key".into()));
        match op {
            Op::Len => return Ok((self.items.len() as i64, Vec::new())),
            Op::All => {
                let mut all: Vec<_> = self.items.iter().collect();
                all.sort_unstable_by_key(|(_, (place, _))| *place);
                let pairs = all
                    .into_iter()
                    .flat_map(|(key, (_, value))| [key.clone(), value.clone()]);
                return Ok((0, pairs.collect()));
            }
            Op::Get => match self.items.get(part(parts, 0)) {
                Some((_, value)) => return Ok((0, vec![value.clone()])),
                None => return no_key(),
            },
            Op::Find => {
                let there = self.items.contains_key(part(parts, 0));
                return Ok((i64::from(there), Vec::new()));
            }
            Op::Set => self.set(part(parts, 0), part(parts, 1)),
            Op::Pop => match self.items.remove(part(parts, 0)) {
                Some((_, value)) => return Ok((0, vec![value])),
                None => return no_key(),
            },
            Op::Clear => self.items.clear(),
            _ => return unknown(op),
        }
        NOTHING
    }
}

/// The state is the process that has the lock. `number` is the most milliseconds to wait, or -1.
fn answer_lock(owner: &Waiting<Option<u32>>, op: Op, number: i64, client: &Client) -> Answer {
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
                None => NOTHING,
            }
        }
        Op::Release => match lock(&owner.state).take() {
            Some(_) => {
                owner.changed.notify_one();
                NOTHING
            }
            None => Err(ManagerError::Value("release unlocked lock".into())),
        },
        _ => unknown(op),
    }
}

/// `number` is the most milliseconds to wait, or -1; `most` items fit, or any number if it is 0.
fn answer_queue(
    queue: &Waiting<VecDeque<Bytes>>,
    most: usize,
    op: Op,
    number: i64,
    parts: &[&[u8]],
    client: &Client,
) -> Answer {
    match op {
        Op::Len => Ok((lock(&queue.state).len() as i64, Vec::new())),
        Op::Put => {
            let put = queue.when(number, client, |items| {
                let room = most == 0 || items.len() < most;
                room.then(|| items.push_back(part(parts, 0).into()))
            });
            queue.changed.notify_all();
            put.map_or(Err(ManagerError::Full), |()| NOTHING)
        }
        Op::Take => {
            let taken = queue.when(number, client, VecDeque::pop_front);
            queue.changed.notify_all();
            taken.map_or(Err(ManagerError::Empty), |item| Ok((0, vec![item])))
        }
        _ => unknown(op),
    }
}

impl<T> Waiting<T> {
    fn new(state: T) -> Self {
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Waits until `take` gives something, at most `limit` milliseconds (-1: no limit), and while the client lives: one that was
    /// killed must not take anything.
    fn when<R>(
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
            let left = deadline.map_or(SLICE, |deadline| {
                deadline.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return None;
            }
            let waited = self.changed.wait_timeout(state, left.min(SLICE));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if client.line.is_dead() {
                // It may have been woken in place of another.
                self.changed.notify_one();
                return None;
            }
        }
    }
}

fn part<'a>(parts: &[&'a [u8]], index: usize) -> &'a [u8] {
    parts.get(index).copied().unwrap_or_default()
}

fn unknown(op: Op) -> Answer {
    Err(ManagerError::Value(format!("the object has no {op:?}")))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
