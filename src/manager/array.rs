//! An array in the server.

use std::fmt;
use std::marker::PhantomData;

use super::client::{RemoteObject, display_with, from_bytes, proxy, to_bytes};
use super::error::ManagerError;
use super::wire::Op;
use crate::ipc::Item;
use crate::repr::repr;

/// A list of fixed length in a manager's server: Python's `manager.Array()`. Its values may have any type that can be
/// sent, unlike those of [`Array`](crate::prelude::Array), but it is slower.
pub struct ArrayProxy<T: Item> {
    remote: RemoteObject,
    item: PhantomData<fn(T) -> T>,
}

proxy!(ArrayProxy<T>, "Array");
display_with!(ArrayProxy<T>, "Array", |array| array
    .to_vec()
    .map(|values| repr(&values)));

/// # Errors
/// All methods: [`Ended`](ManagerError::Ended), [`Item`](ManagerError::Item), and what each says.
impl<T: Item> ArrayProxy<T> {
    /// Returns a copy of the value at `index`, or [`Index`](ManagerError::Index).
    pub fn get(&self, index: usize) -> Result<T, ManagerError> {
        self.remote.fetch(Op::Get, index as i64, &[])
    }

    /// Sets the value at `index`, or returns [`Index`](ManagerError::Index).
    pub fn set(&self, index: usize, value: T) -> Result<(), ManagerError> {
        let parts = [to_bytes(&value)?];
        self.remote.call(Op::Set, index as i64, &parts).map(drop)
    }

    /// Returns the number of values, which never changes.
    #[expect(clippy::len_without_is_empty, reason = "Python's has a length alone")]
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.remote.ask(Op::Len, 0).map(|(count, _)| count as usize)
    }

    /// Returns copies of all values, taken at one moment.
    pub fn to_vec(&self) -> Result<Vec<T>, ManagerError> {
        let (_, parts) = self.remote.ask(Op::All, 0)?;
        parts.iter().map(|bytes| from_bytes(bytes)).collect()
    }
}
