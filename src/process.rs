//! Processes: copies of this one, made by fork, that run a closure and end.

mod child;
mod fork;
mod handle;
mod identity;
mod lifeline;
mod table;

pub use handle::Process;

#[cfg(test)]
mod tests;
