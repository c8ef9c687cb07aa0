//! Which threads of a cell wait, for what, and where: for the table below an interrupted cell, and to prove a deadlock.
//!
//! The C library's functions that wait are defined in this program once more ([`interposed`]); the dynamic linker finds these
//! definitions first, so every wait of `std` and of crates passes through them. Before a thread waits it records what for, and from where
//! on its stack can be walked ([`unwind`]), in a [`table`] that the runtime shares with the processes that cells fork. A thread that
//! does not wait pays nothing. Of a watched cell the waits are kept, as
//! [`events`], with what its code does to locks and channels; [`activity`] puts them together.

mod accesses;
mod activity;
mod arrows;
mod contentions;
mod deadlock;
mod event;
mod event_log;
mod event_slot;
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    expect(dead_code, reason = "nothing is recorded there")
)]
mod events;
mod forked;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod interposed;
pub mod libraries;
mod lock_order;
mod memory;
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    expect(dead_code, reason = "nothing is recorded there")
)]
pub mod names;
mod objects;
mod ownership;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod planned;
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    expect(dead_code, reason = "nothing is recorded there")
)]
mod record;
mod spans;
mod stacks;
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    expect(dead_code, reason = "nothing is recorded there")
)]
mod table;
mod threads;
mod unwind;
pub mod watch;

pub use accesses::{begin as watch_access, end as watch_accessed};
pub use deadlock::DeadlockWatch;
pub use events::{record_object as watch_event, switch as watch_switch};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use interposed::{wait_begin, wait_end, waiting_syscall};

pub use unwind::read_tables;

use crate::ipc::WaitingThread;
use anyhow::Result;

/// Starts to record waits, in this process and all that it forks.
pub fn start() -> Result<()> {
    events::start()?;
    ownership::start()?;
    accesses::start()?;
    table::start()
}

/// Returns what each thread of the cells' processes waits for.
pub fn waiting_threads() -> Vec<WaitingThread> {
    threads::described(&threads::of_cell())
}

/// Where waits are not recorded.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub unsafe extern "C" fn wait_begin(_: u32, _: usize, _: libc::c_int) -> libc::c_int {
    -1
}

/// Where waits are not recorded.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub extern "C" fn wait_end(_: libc::c_int) {}

#[cfg(test)]
mod tests;
