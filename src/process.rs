//! Processes: copies of this one that run a closure and exit.
//!
//! Python's `multiprocessing` runs a function in a new process; here it is a closure. The new process is a copy (a
//! fork): it sees every variable as it was, so nothing has to be sent to it, and its parent does not see what it
//! changes. Results come back through [shared memory](crate::shared), pipes or queues.
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
//! | `get_start_method()`, `set_start_method("fork")` | [`get_start_method()`], [`set_start_method("fork")?`](set_start_method), which say why it is `fork` |
//! | `log_to_stderr(logging.INFO)` | [`log_to_stderr(Level::Info)`](log_to_stderr) |
//! | an exception in the process: a traceback, exit code 1 | a panic: `Process NAME:` and its message, exit code 1 |
//! | an argument that cannot be pickled | there is no such thing: the child has a copy of all memory |
//!
//! # What a fork does not copy
//!
//! Threads: the child has one, which runs the closure. A lock that another thread holds at the moment of the fork stays
//! locked in the child for ever. This crate takes care of the locks of stdout and stderr, of the allocator's and of its
//! own, but not of the program's. And std has one that it holds for a moment whenever a thread starts or exits: a child
//! that is forked at such a moment cannot start a thread with `std::thread` (the threads that this crate needs start
//! all the same). So the first start of a process while other threads run, which neither this crate nor the notebook's
//! kernel has started, prints a warning to stderr. Join those threads first, or make sure that they hold no lock that
//! the child needs.
//!
//! # The end
//!
//! A process exits when its closure returns or panics. Before that it terminates its daemons and joins its other
//! children. It is also killed when its parent exits: no process outlives a notebook.
//!
//! # Platforms
//!
//! Linux. On macOS processes start and exit too, but there is no warning, and waiting for locks costs more.

mod authkey;
mod borrowing;
mod child;
mod child_main;
mod exit_hooks;
mod fork;
mod handle;
mod identity;
mod log;
mod misuse;
pub(crate) mod names;
mod parent_exit;
mod process_tree;
mod repr;
mod shutdown;
mod start_method;
mod starter;
mod table;
mod target;
pub(crate) mod threads;

pub(crate) use exit_hooks::ExitPhase;
pub use handle::Process;
pub use log::{Level, Logger, get_logger, log_to_stderr};
pub use process_tree::{
    ChildProcess, CurrentProcess, ParentProcess, active_children, cpu_count, current_process,
    parent_process,
};
pub(crate) use shutdown::at_exit;
pub use start_method::{get_all_start_methods, get_start_method, set_start_method};
pub(crate) use starter::Starter;

#[cfg(test)]
mod tests;
