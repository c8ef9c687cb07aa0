//! A set in the server.

use std::fmt;
use std::marker::PhantomData;

use super::client::{RemoteObject, display_with, from_bytes, proxy, to_bytes};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;
use crate::repr::repr;

/// A set in a manager's server: Python's `manager.set()`, new in 3.14. It keeps the order in which values were added.
///
/// Two values are equal if their bytes are. For unions and the like, take copies with [`to_vec`](Self::to_vec).
pub struct SetProxy<T: Item> {
    remote: RemoteObject,
    item: PhantomData<fn(T) -> T>,
}

proxy!(SetProxy<T>, "set");
display_with!(SetProxy<T>, "set", |set| set.to_vec().map(|values| {
    let texts: Vec<String> = values.iter().map(repr).collect();
    match texts.is_empty() {
        true => "set()".into(),
        false => format!("{{{}}}", texts.join(", ")),
    }
}));

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item), and what each says.
impl<T: Item> SetProxy<T> {
    /// Adds a value, unless it is there.
    pub fn add(&self, value: T) -> Result<(), ManagerError> {
        let parts = [to_bytes(&value)?, Vec::new()];
        self.remote.call(Op::Set, 0, &parts).map(drop)
    }

    /// Adds several values, one after the other.
    pub fn update(&self, values: impl IntoIterator<Item = T>) -> Result<(), ManagerError> {
        values.into_iter().try_for_each(|value| self.add(value))
    }

    /// Removes a value, or returns [`Key`](ManagerError::Key).
    pub fn remove(&self, value: &T) -> Result<(), ManagerError> {
        self.remote.call(Op::Pop, 0, &[to_bytes(value)?]).map(drop)
    }

    /// Removes a value, if it is there.
    pub fn discard(&self, value: &T) -> Result<(), ManagerError> {
        match self.remove(value) {
            Err(ManagerError::Key(_)) => Ok(()),
            result => result,
        }
    }

    /// Returns whether a value is there: Python's `value in set`.
    pub fn contains(&self, value: &T) -> Result<bool, ManagerError> {
        let (there, _) = self.remote.call(Op::Find, 0, &[to_bytes(value)?])?;
        Ok(there == 1)
    }

    /// Returns the number of values.
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.remote.ask(Op::Len, 0).map(|(count, _)| count as usize)
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.len().map(|count| count == 0)
    }

    /// Removes all values.
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Clear, 0).map(drop)
    }

    /// Returns copies of all values, taken at one moment.
    pub fn to_vec(&self) -> Result<Vec<T>, ManagerError> {
        let (_, parts) = self.remote.ask(Op::All, 0)?;
        let pairs = parts.chunks_exact(2);
        pairs.map(|pair| from_bytes(&pair[0])).collect()
    }
}
