//! All of Python's `multiprocessing`, under its own names.
//!
//! The prelude has these names too, without the module. `docs/python_multiprocessing.md` shows every public name of
//! Python's module and its submodules beside what Rust has.
//!
//! ```
//! use threadbook::multiprocessing::{self, Pool};
//!
//! let pool = Pool::new(multiprocessing::cpu_count());
//! assert_eq!(pool.map(|n| n + 1, [1, 2])?, [2, 3]);
//! # Ok::<(), multiprocessing::PoolError>(())
//! ```

pub use crate::connection::{self, AuthenticationError, BufferTooShort, Connection, Pipe};
pub use crate::manager::{self as managers, Manager, ManagerError};
pub use crate::pool::{self, AsyncResult, Pool, PoolError, TaskOptions};
pub use crate::process::{
    ChildProcess, CurrentProcess, Level, Logger, ParentProcess, Process, active_children,
    cpu_count, current_process, get_all_start_methods, get_logger, get_start_method, log_to_stderr,
    parent_process, set_start_method,
};
pub use crate::queues::{JoinableQueue, Queue, QueueError, SimpleQueue};
pub use crate::shared::{
    Array, Barrier, BoundedSemaphore, BrokenBarrier, Condition, Event, Lock, RLock, RawArray,
    RawValue, Semaphore, Value,
};
pub use crate::shared_memory;
