//! Everything a cell needs: `use threadbook::prelude::*;`

pub use crate::class_of::class_of;
pub use crate::connection::{
    Address, AuthenticationError, BufferTooShort, Client, Connection, Listener, Pipe,
};
pub use crate::display::{
    Bundle, DisplayHandle, EvcxrDisplay, Html, Json, Latex, Markdown, Png, Rich, Svg, clear_output,
    display, input, password,
};
pub use crate::executor::{ProcessPoolExecutor, ThreadPoolExecutor};
pub use crate::future::{
    ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, Future, FutureError, TaskPanicked,
    as_completed, as_completed_timeout, wait, wait_for, wait_timeout,
};
pub use crate::ipc::Item;
pub use crate::manager::{
    ArrayProxy, BarrierProxy, ConditionProxy, DictProxy, EventProxy, ListProxy, LockProxy, Manager,
    ManagerError, Namespace, PoolProxy, QueueProxy, RLockProxy, SemaphoreProxy, SetProxy,
    ValueProxy,
};
pub use crate::new_file::NewFile;
pub use crate::pool::{AsyncResult, Pool, PoolError, TaskOptions};
pub use crate::process::{
    ChildProcess, CurrentProcess, Level, Logger, ParentProcess, Process, active_children,
    cpu_count, current_process, get_all_start_methods, get_logger, get_start_method, log_to_stderr,
    parent_process, set_start_method,
};
pub use crate::queues::{JoinableQueue, Queue, QueueError, SimpleQueue};
pub use crate::repr::repr;
pub use crate::shared::{
    Array, ArrayGuard, Barrier, BoundedSemaphore, BrokenBarrier, Condition, ConditionGuard,
    ConditionLock, Event, Lock, LockGuard, OwnerDied, Permit, Plain, RLock, RLockGuard, RawArray,
    RawValue, Scalar, Semaphore, Value, ValueGuard,
};
pub use crate::shared_memory::{Shareable, ShareableList, SharedMemory, SharedMemoryManager};
pub use crate::threading::thread_name;
pub use crate::timer_slack::set_timer_slack;
pub use crate::tqdm::{Tqdm, TqdmIter, tqdm};
pub use crate::youtube::{Filter, Stream, StreamQuery, YouTube};
pub use crate::{connection, multiprocessing, requests, shared_memory, youtube};
