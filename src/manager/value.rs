//! A value in the server.

use std::fmt;
use std::marker::PhantomData;

use super::client::{RemoteObject, display_with, proxy, to_bytes};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;
use crate::repr::repr;

/// A value in a manager's server: Python's `manager.Value()`. It may have any type that can be sent, unlike
/// [`Value`](crate::prelude::Value), but it is slower.
///
/// `get` and `set` are one step each, so `v.set(v.get()? + 1)` can lose updates: put a lock around it.
pub struct ValueProxy<T: Item> {
    remote: RemoteObject,
    item: PhantomData<fn(T) -> T>,
}

proxy!(ValueProxy<T>, "Value");
display_with!(ValueProxy<T>, "Value", |value| value
    .get()
    .map(|value| repr(&value)));

/// # Errors
/// Both methods: [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item).
impl<T: Item> ValueProxy<T> {
    /// Returns a copy of the value.
    pub fn get(&self) -> Result<T, ManagerError> {
        self.remote.fetch(Op::Get, 0, &[])
    }

    /// Sets the value.
    pub fn set(&self, value: T) -> Result<(), ManagerError> {
        self.remote.call(Op::Set, 0, &[to_bytes(&value)?]).map(drop)
    }
}
