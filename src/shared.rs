//! Memory that processes share, with a lock in it.

mod array;
mod block;
mod lock;
mod mapping;
mod plain;
mod value;

pub use array::{Array, ArrayGuard};
pub use plain::Plain;
pub use value::{Value, ValueGuard};

#[cfg(test)]
mod tests;
