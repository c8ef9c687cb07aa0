//! The foundations of pipes, queues, managers and pools.

pub(crate) mod adaptive_spin;
pub(crate) mod fork_local;
pub(crate) mod item;
pub(crate) mod ring;
pub(crate) mod robust;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod worker_messages;

pub use item::Item;
