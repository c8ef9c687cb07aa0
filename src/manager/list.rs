//! A list in the server.

use std::fmt;
use std::marker::PhantomData;
use std::vec;

use super::client::{RemoteObject, all_to_bytes, display_with, from_bytes, proxy, to_bytes};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;
use crate::repr::repr;

/// A list in a manager's server: Python's `manager.list()`.
///
/// Every method is one request to the server and its reply. Values are copies: to change an element, `get` it and `set`
/// it, but another process may change it in between; `sort` and the other methods that change the list are one step.
/// Two values are equal if their bytes are: the floats `0.0` and `-0.0` are not.
pub struct ListProxy<T: Item> {
    remote: RemoteObject,
    item: PhantomData<fn(T) -> T>,
}

proxy!(ListProxy<T>, "list");
display_with!(ListProxy<T>, "list", |list| list
    .to_vec()
    .map(|items| repr(&items)));

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item), and what each says.
impl<T: Item> ListProxy<T> {
    /// Adds a value at the end.
    pub fn append(&self, value: T) -> Result<(), ManagerError> {
        self.remote
            .call(Op::Append, 0, &[to_bytes(&value)?])
            .map(drop)
    }

    /// Adds values at the end, in one step.
    pub fn extend(&self, values: impl IntoIterator<Item = T>) -> Result<(), ManagerError> {
        self.remote
            .call(Op::Extend, 0, &all_to_bytes(values)?)
            .map(drop)
    }

    /// Inserts a value before the one at `index`, or at the end if there is none.
    pub fn insert(&self, index: usize, value: T) -> Result<(), ManagerError> {
        self.remote
            .call(Op::Insert, index as i64, &[to_bytes(&value)?])
            .map(drop)
    }

    /// Returns a copy of the value at `index`, or [`Index`](ManagerError::Index).
    pub fn get(&self, index: usize) -> Result<T, ManagerError> {
        self.remote.fetch(Op::Get, index as i64, &[])
    }

    /// Sets the value at `index`, or returns [`Index`](ManagerError::Index).
    pub fn set(&self, index: usize, value: T) -> Result<(), ManagerError> {
        self.remote
            .call(Op::Set, index as i64, &[to_bytes(&value)?])
            .map(drop)
    }

    /// Removes and returns the last value, or returns [`Index`](ManagerError::Index): `pop from empty list`.
    pub fn pop(&self) -> Result<T, ManagerError> {
        self.remote.fetch(Op::Pop, -1, &[])
    }

    /// Removes and returns the value at `index`, or returns [`Index`](ManagerError::Index).
    pub fn pop_at(&self, index: usize) -> Result<T, ManagerError> {
        self.remote.fetch(Op::Pop, index as i64, &[])
    }

    /// Removes the first such value, or returns [`Value`](ManagerError::Value).
    pub fn remove(&self, value: &T) -> Result<(), ManagerError> {
        self.remote
            .call(Op::Remove, 0, &[to_bytes(value)?])
            .map(drop)
    }

    /// Returns the index of the first such value, or [`Value`](ManagerError::Value).
    pub fn index(&self, value: &T) -> Result<usize, ManagerError> {
        let (index, _) = self.remote.call(Op::Find, 0, &[to_bytes(value)?])?;
        Ok(index as usize)
    }

    /// Returns the number of such values.
    pub fn count(&self, value: &T) -> Result<usize, ManagerError> {
        let (count, _) = self.remote.call(Op::Count, 0, &[to_bytes(value)?])?;
        Ok(count as usize)
    }

    /// Returns whether there is such a value.
    pub fn contains(&self, value: &T) -> Result<bool, ManagerError> {
        self.count(value).map(|count| count > 0)
    }

    /// Returns the number of values.
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.remote.ask(Op::Len, 0).map(|(count, _)| count as usize)
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.len().map(|count| count == 0)
    }

    /// Reverses the order.
    pub fn reverse(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Reverse, 0).map(drop)
    }

    /// Sorts the values. If another process changes the list meanwhile, the change is kept and sorted too.
    pub fn sort(&self) -> Result<(), ManagerError>
    where
        T: Ord,
    {
        loop {
            let (version, parts) = self.remote.ask(Op::All, 0)?;
            let mut values = values_of::<T>(&parts)?;
            values.sort();
            let (replaced, _) = self
                .remote
                .call(Op::Replace, version, &all_to_bytes(values)?)?;
            if replaced == 1 {
                return Ok(());
            }
        }
    }

    /// Removes all values.
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Clear, 0).map(drop)
    }

    /// Returns copies of all values, taken at one moment: Python's `l[:]`.
    pub fn to_vec(&self) -> Result<Vec<T>, ManagerError> {
        let (_, parts) = self.remote.ask(Op::All, 0)?;
        values_of(&parts)
    }

    /// Iterates over copies of all values, taken now. (Python fetches them one by one, and may miss some.)
    pub fn iter(&self) -> Result<vec::IntoIter<T>, ManagerError> {
        self.to_vec().map(Vec::into_iter)
    }
}

fn values_of<T: Item>(parts: &[Vec<u8>]) -> Result<Vec<T>, ManagerError> {
    parts.iter().map(|bytes| from_bytes(bytes)).collect()
}
