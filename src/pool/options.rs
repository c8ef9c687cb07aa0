//! How an asynchronous call is made, and what happens at its end.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::PoolError;

/// The options of `apply_async_with`, `map_async_with` and `starmap_async_with`: Python's `chunksize`, `callback` and
/// `error_callback`.
///
/// The callbacks of one pool run one after the other, in the order in which the tasks end, on a thread of the pool. A
/// result is not [`ready`](super::AsyncResult::ready) before its callback has returned, and [`join`](super::Pool::join)
/// waits for all callbacks. They should be short: those of other tasks wait for them. A callback that panics has printed
/// its message; the result becomes ready all the same (in Python the pool then hangs).
///
/// ```
/// # use threadbook::prelude::*;
/// let pool = Pool::new(2);
/// let (tell, told) = std::sync::mpsc::channel();
/// let options = TaskOptions::new().callback(move |sum: &i32| tell.send(*sum).unwrap());
/// let result = pool.apply_async_with(|| 1 + 2, options)?;
/// assert_eq!(result.get()?, 3);
/// assert_eq!(told.recv(), Ok(3));
/// # Ok::<(), PoolError>(())
/// ```
pub struct TaskOptions<R> {
    pub(super) chunksize: Option<usize>,
    callback: Option<Callback<R>>,
    error_callback: Option<Callback<PoolError>>,
}

type Callback<T> = Box<dyn FnOnce(&T) + Send>;

impl<R> TaskOptions<R> {
    /// Creates options without callbacks.
    pub fn new() -> Self {
        Self {
            chunksize: None,
            callback: None,
            error_callback: None,
        }
    }

    /// Gives each worker `items` at a time (at least 1); for `map` and `starmap`.
    pub fn chunksize(mut self, items: usize) -> Self {
        self.chunksize = Some(items);
        self
    }

    /// Has `f` called with the result, if there is one.
    pub fn callback(mut self, f: impl FnOnce(&R) + Send + 'static) -> Self {
        self.callback = Some(Box::new(f));
        self
    }

    /// Has `f` called with the error, if there is one.
    pub fn error_callback(mut self, f: impl FnOnce(&PoolError) + Send + 'static) -> Self {
        self.error_callback = Some(Box::new(f));
        self
    }

    pub(super) fn has_callback(&self) -> bool {
        self.callback.is_some() || self.error_callback.is_some()
    }

    /// Calls the callback for this outcome.
    pub(super) fn call(self, outcome: &Result<R, PoolError>) {
        let call = || match outcome {
            Ok(result) => {
                if let Some(f) = self.callback {
                    f(result);
                }
            }
            Err(error) => {
                if let Some(f) = self.error_callback {
                    f(error);
                }
            }
        };
        // Its message is printed by now.
        let _ = catch_unwind(AssertUnwindSafe(call));
    }
}

impl<R> Default for TaskOptions<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> fmt::Debug for TaskOptions<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskOptions")
            .field("chunksize", &self.chunksize)
            .field("has_callback", &self.has_callback())
            .finish()
    }
}
