//! A dict in the server, and a namespace, which is a dict with names as keys.

use std::fmt;
use std::marker::PhantomData;

use super::client::{RemoteObject, display_with, from_bytes, plain_proxy, proxy, to_bytes};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;
use crate::repr::repr;

/// A dict in a manager's server: Python's `manager.dict()`. It keeps the order in which keys were first set.
///
/// Every method is one request to the server and its reply. Values are copies. Two keys are equal if their bytes are:
/// do not use a `HashMap` or a set in a key.
pub struct DictProxy<K: Item, V: Item> {
    remote: RemoteObject,
    item: PhantomData<fn() -> (K, V)>,
}

proxy!(DictProxy<K, V>, "dict");
display_with!(DictProxy<K, V>, "dict", |dict| dict.items().map(|items| {
    let pairs: Vec<_> = items.iter().map(|(key, value)| format!("{}: {}", repr(key), repr(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}));

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item), and what each says.
impl<K: Item, V: Item> DictProxy<K, V> {
    /// Sets the value of a key: Python's `d[key] = value`.
    pub fn set(&self, key: K, value: V) -> Result<(), ManagerError> {
        let parts = [to_bytes(&key)?, to_bytes(&value)?];
        self.remote.call(Op::Set, 0, &parts).map(drop)
    }

    /// Returns a copy of the value of a key, or [`Key`](ManagerError::Key): Python's `d[key]`.
    pub fn get(&self, key: &K) -> Result<V, ManagerError> {
        self.remote.fetch(Op::Get, 0, &[to_bytes(key)?])
    }

    /// Returns a copy of the value of a key, or `default` if there is none: Python's `d.get(key, default)`.
    pub fn get_or(&self, key: &K, default: V) -> Result<V, ManagerError> {
        match self.get(key) {
            Err(ManagerError::Key(_)) => Ok(default),
            result => result,
        }
    }

    /// Sets several keys, one after the other.
    pub fn update(&self, items: impl IntoIterator<Item = (K, V)>) -> Result<(), ManagerError> {
        let mut items = items.into_iter();
        items.try_for_each(|(key, value)| self.set(key, value))
    }

    /// Removes a key and returns its value, or [`Key`](ManagerError::Key).
    pub fn pop(&self, key: &K) -> Result<V, ManagerError> {
        self.remote.fetch(Op::Pop, 0, &[to_bytes(key)?])
    }

    /// Returns whether there is such a key: Python's `key in d`.
    pub fn contains_key(&self, key: &K) -> Result<bool, ManagerError> {
        let (there, _) = self.remote.call(Op::Find, 0, &[to_bytes(key)?])?;
        Ok(there == 1)
    }

    /// Returns the number of keys.
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.remote.ask(Op::Len, 0).map(|(count, _)| count as usize)
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.len().map(|count| count == 0)
    }

    /// Removes all keys.
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.remote.ask(Op::Clear, 0).map(drop)
    }

    /// Returns copies of all keys and values, taken at one moment.
    pub fn items(&self) -> Result<Vec<(K, V)>, ManagerError> {
        let (_, parts) = self.remote.ask(Op::All, 0)?;
        let pairs = parts.chunks_exact(2);
        pairs
            .map(|pair| Ok((from_bytes(&pair[0])?, from_bytes(&pair[1])?)))
            .collect()
    }

    /// Returns copies of all keys.
    pub fn keys(&self) -> Result<Vec<K>, ManagerError> {
        Ok(self.items()?.into_iter().map(|(key, _)| key).collect())
    }

    /// Returns copies of all values.
    pub fn values(&self) -> Result<Vec<V>, ManagerError> {
        Ok(self.items()?.into_iter().map(|(_, value)| value).collect())
    }
}

/// Values with names, in a manager's server: Python's `manager.Namespace()`.
///
/// Each value may have a type of its own; `get` must ask for the type that `set` gave.
#[derive(Clone)]
pub struct Namespace {
    remote: RemoteObject,
}

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item), and what each says.
impl Namespace {
    /// Sets a value: Python's `ns.name = value`.
    pub fn set<T: Item>(&self, name: &str, value: T) -> Result<(), ManagerError> {
        let parts = [name.as_bytes().to_vec(), to_bytes(&value)?];
        self.remote.call(Op::Set, 0, &parts).map(drop)
    }

    /// Returns a copy of a value, or [`Key`](ManagerError::Key): Python's `ns.name`.
    pub fn get<T: Item>(&self, name: &str) -> Result<T, ManagerError> {
        let value = self.remote.fetch(Op::Get, 0, &[name.as_bytes().to_vec()]);
        value.map_err(|error| no_attribute(error, name))
    }

    /// Removes a name, or returns [`Key`](ManagerError::Key): Python's `del ns.name`.
    pub fn delete(&self, name: &str) -> Result<(), ManagerError> {
        let gone = self.remote.call(Op::Pop, 0, &[name]);
        gone.map(drop).map_err(|error| no_attribute(error, name))
    }
}

fn no_attribute(error: ManagerError, name: &str) -> ManagerError {
    match error {
        ManagerError::Key(_) => {
            ManagerError::Key(format!("'Namespace' object has no attribute '{name}'"))
        }
        other => other,
    }
}

plain_proxy!(Namespace, "NamespaceProxy", "Namespace");
