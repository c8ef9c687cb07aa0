//! A list and a dict in the server.

use std::collections::HashMap;

use super::answer::{Answer, Bytes, EMPTY_ANSWER, part, unknown};
use crate::manager::error::ManagerError;
use crate::manager::wire::Op;

#[derive(Default)]
pub(in crate::manager) struct List {
    items: Vec<Bytes>,
    /// Counts the changes.
    version: i64,
}

/// Keeps the order in which keys were first set, as Python's dict.
#[derive(Default)]
pub(in crate::manager) struct Dict {
    items: HashMap<Bytes, (u64, Bytes)>,
    next: u64,
}

impl List {
    pub(super) fn new(items: &[&[u8]]) -> Self {
        Self {
            items: items.iter().map(|&item| item.into()).collect(),
            version: 0,
        }
    }

    pub(super) fn answer(&mut self, op: Op, number: i64, parts: &[&[u8]]) -> Answer {
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
            // As in Python, an index beyond the end means the end.
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
            // Replaces all items if no one has changed the list since. The answer says whether.
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
        EMPTY_ANSWER
    }
}

impl Dict {
    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) {
        match self.items.get_mut(key) {
            Some((_, old)) => *old = value.into(),
            None => {
                self.items.insert(key.into(), (self.next, value.into()));
                self.next += 1;
            }
        }
    }

    pub(super) fn answer(&mut self, op: Op, parts: &[&[u8]]) -> Answer {
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
        EMPTY_ANSWER
    }
}
