//! Processes: copies of this one that run a closure and end.
//!
//! Python's `multiprocessing` starts a function in a new process; here it is a closure. The new process is a copy (a fork): it sees
//! every variable as it was, so nothing has to be sent to it, and what it changes its parent does not see. Results come back
//! through [shared memory](crate::shared), or through pipes and queues.
//!
//! ```
//! use std::time::Duration;
//! use threadbook::prelude::*;
//!
//! let mut p = Process::new(|| loop {
//!     std::thread::park();
//! });
//! p.set_daemon(true)?;
//! p.start()?;
//! assert!(!p.join_timeout(Duration::from_millis(1))?);
//! p.terminate()?;
//! p.join()?;
//! assert_eq!(p.exitcode(), Some(-15));
//! assert!(active_children().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! | Python | Rust |
//! | --- | --- |
//! | `Process(...)` and its methods | [`Process`], see the table there |
//! | `current_process().name` | [`current_process()`]`.name()` |
//! | `parent_process()` | [`parent_process()`] |
//! | `active_children()` | [`active_children()`] |
//! | `cpu_count()` | [`cpu_count()`] |
//! | an exception in the process: a traceback, exit code 1 | a panic: `Process NAME:` and its message, exit code 1 |
//! | an argument that cannot be pickled | there is no such thing: the child has a copy of all memory |
//!
//! # What a fork does not copy
//!
//! Threads: the child has one, which runs the closure. A lock that another thread holds at the moment of the fork stays locked in
//! the child for ever. The locks of stdout and stderr, the allocator's and this crate's own are seen to; those of the program are
//! not. And std has one that it holds for a moment whenever a thread starts or ends: a child that is forked at such
//! a moment can start no thread by `std::thread` (what this crate needs starts all the same). So the first start beside
//! threads that neither this crate nor the notebook's kernel has started is answered by a warning on stderr. Join the threads
//! first, or see that they hold nothing that the child needs.
//!
//! # The end
//!
//! A process ends when its closure returns or panics. Before that it terminates its daemons and waits for its
//! other children. It also ends, killed, when its parent is gone: no process outlives a notebook.
//!
//! # Platforms
//!
//! Linux. On macOS processes start and end too, but the warning does not come, and waiting for locks costs more.

mod child;
mod child_main;
mod exit_hooks;
mod fork;
mod handle;
mod identity;
mod misuse;
pub(crate) mod names;
mod parent_exit;
mod process_tree;
mod repr;
mod shutdown;
mod table;
mod target;
pub(crate) mod threads;

pub(crate) use exit_hooks::ExitPhase;
pub use handle::Process;
pub use process_tree::{
    ChildProcess, CurrentProcess, ParentProcess, active_children, cpu_count, current_process,
    parent_process,
};
pub(crate) use shutdown::at_exit;

#[cfg(test)]
mod tests;
