//! Python's package `concurrent`, of which [`futures`] is the only module.

pub mod futures;
