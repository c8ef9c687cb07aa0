//! Tasks and their pending results: Python's `concurrent.futures`.
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let pool = ThreadPoolExecutor::new(4);
//! let words = ["thread", "process", "queue"];
//! let futures = words.map(|word| pool.submit(move || word.len()));
//! for future in as_completed(&futures) {
//!     println!("{}", future.result()?);
//! }
//! # Ok::<(), FutureError>(())
//! ```
//!
//! | Python | Rust |
//! | --- | --- |
//! | `ThreadPoolExecutor` | [`ThreadPoolExecutor`] |
//! | `ProcessPoolExecutor` | [`ProcessPoolExecutor`] |
//! | `Future` | [`Future`] |
//! | `wait(fs)` | [`wait(&fs)`](wait) |
//! | `wait(fs, timeout=1)` | [`wait_timeout(&fs, Duration::from_secs(1))`](wait_timeout) |
//! | `wait(fs, return_when=FIRST_COMPLETED)` | [`wait_for(&fs, None, FIRST_COMPLETED)`](wait_for) |
//! | `as_completed(fs)` | [`as_completed(&fs)`](as_completed) |
//! | `as_completed(fs, timeout=1)` | [`as_completed_timeout(&fs, Duration::from_secs(1))`](as_completed_timeout) |
//! | `CancelledError`, `TimeoutError`, `BrokenExecutor` and its kinds | [`FutureError`] |
//! | `InvalidStateError` | [`InvalidState`] |
//!
//! What differs, and why:
//!
//! - [`submit`](ThreadPoolExecutor::submit) takes a closure, which has its arguments in it: Rust has no argument lists
//!   of any length, and the compiler checks that what the closure takes along may be used by another thread.
//! - [`result`](Future::result) is a `Result`: a panic of the task does not spread to whoever asks. It clones the value,
//!   since several may ask; [`into_result`](Future::into_result) moves it out.
//! - A cancelled future counts as done at once. In Python, `wait` and `as_completed` notice only when a worker comes
//!   across the task, and after `shutdown(cancel_futures=True)` never.
//! - Python waits for all tasks when the interpreter exits. Here an executor waits when it is dropped: at the end of its
//!   function, or of the program for one in `main`. One in a static, or in a variable of a notebook, is not dropped: its
//!   tasks end with the program or the kernel.
//! - A forked process has the futures, and reads the results that were there before the fork, but no workers: to submit
//!   or to wait there is a panic that says so. In Python it hangs.
//!
//! As in Python, dropping a future does not cancel its task.

pub use crate::executor::{ChunkedMap, Map, ProcessPoolExecutor, ThreadPoolExecutor};
pub use crate::future::{
    ALL_COMPLETED, AsCompleted, AsCompletedTimeout, DoneAndNotDone, FIRST_COMPLETED,
    FIRST_EXCEPTION, Future, FutureError, InvalidState, ReturnWhen, TaskPanicked, Unfinished,
    as_completed, as_completed_timeout, wait, wait_for, wait_timeout,
};
