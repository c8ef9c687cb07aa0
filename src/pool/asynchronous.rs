//! The calls of a pool that return at once.

use std::sync::Arc;

use super::Pool;
use super::async_result::{AsyncResult, promise};
use super::calls::{self, run_one};
use super::error::PoolError;
use super::options::TaskOptions;
use super::slots::Slots;
use super::star::Star;
use crate::ipc::Item;

/// Asynchronous calls.
impl Pool {
    /// Has `f` called in a worker as soon as one is free.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let pool = Pool::new(2);
    /// let answer = pool.apply_async(|| 6 * 7)?;
    /// assert_eq!(answer.get()?, 42);
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Errors
    /// The task cannot be accepted. Later errors are those of the [`AsyncResult`].
    pub fn apply_async<R, F>(&self, f: F) -> Result<AsyncResult<R>, PoolError>
    where
        R: Item + Send,
        F: FnOnce() -> R + Send + 'static,
    {
        self.apply_async_with(f, TaskOptions::new())
    }

    /// As [`apply_async`](Self::apply_async), with callbacks.
    ///
    /// # Errors
    /// Those of [`apply_async`](Self::apply_async).
    pub fn apply_async_with<R, F>(
        &self,
        f: F,
        options: TaskOptions<R>,
    ) -> Result<AsyncResult<R>, PoolError>
    where
        R: Item + Send,
        F: FnOnce() -> R + Send + 'static,
    {
        self.call_async(options, move |slots| run_one(slots, f))
    }

    /// As [`map`](Self::map), but returns at once.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let pool = Pool::new(2);
    /// let squares = pool.map_async(|n| n * n, [1, 2, 3])?;
    /// assert_eq!(squares.get()?, [1, 4, 9]);
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`apply_async`](Self::apply_async).
    pub fn map_async<I, R, F>(&self, f: F, items: I) -> Result<AsyncResult<Vec<R>>, PoolError>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        R: Item + Send,
        F: Fn(I::Item) -> R + Send + 'static,
    {
        self.map_async_with(f, items, TaskOptions::new())
    }

    /// As [`map_async`](Self::map_async), with a size of chunks and callbacks, which get all results or the first error.
    ///
    /// # Errors
    /// Those of [`apply_async`](Self::apply_async).
    pub fn map_async_with<I, R, F>(
        &self,
        f: F,
        items: I,
        options: TaskOptions<Vec<R>>,
    ) -> Result<AsyncResult<Vec<R>>, PoolError>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        R: Item + Send,
        F: Fn(I::Item) -> R + Send + 'static,
    {
        let items = Vec::from_iter(items);
        let chunksize = options.chunksize;
        self.call_async(options, move |slots| {
            let chunksize = chunksize.unwrap_or_else(|| slots.chunksize(items.len()));
            calls::map_accepted(slots, f, items, chunksize)
        })
    }

    /// As [`starmap`](Self::starmap), but returns at once.
    ///
    /// # Errors
    /// Those of [`apply_async`](Self::apply_async).
    pub fn starmap_async<I, R, F>(&self, f: F, items: I) -> Result<AsyncResult<Vec<R>>, PoolError>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        R: Item + Send,
        F: Star<I::Item, R> + Send + 'static,
    {
        self.starmap_async_with(f, items, TaskOptions::new())
    }

    /// As [`starmap_async`](Self::starmap_async), with the options of [`map_async_with`](Self::map_async_with).
    ///
    /// # Errors
    /// Those of [`apply_async`](Self::apply_async).
    pub fn starmap_async_with<I, R, F>(
        &self,
        f: F,
        items: I,
        options: TaskOptions<Vec<R>>,
    ) -> Result<AsyncResult<Vec<R>>, PoolError>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        R: Item + Send,
        F: Star<I::Item, R> + Send + 'static,
    {
        self.map_async_with(move |arguments| f.call(arguments), items, options)
    }

    /// Has `run` called on a thread, and its outcome given to the callbacks and the result.
    fn call_async<R: Send + 'static>(
        &self,
        options: TaskOptions<R>,
        run: impl FnOnce(&Arc<Slots>) -> Result<R, PoolError> + Send + 'static,
    ) -> Result<AsyncResult<R>, PoolError> {
        let call = self.slots.begin_call()?;
        let slots = Arc::clone(&self.slots);
        let callbacks = Arc::clone(&self.callbacks);
        let (promise, result) = promise();
        let task = move || {
            let outcome = run(&slots);
            let has_callback = options.has_callback();
            let finish = move || {
                options.call(&outcome);
                promise.fulfill(outcome);
                drop(call);
            };
            match has_callback {
                false => finish(),
                true => {
                    if let Err((_, finish)) = callbacks.run(1, Box::new(finish)) {
                        // No thread can be started, and none runs, so this one takes its place.
                        finish();
                    }
                }
            }
        };
        match self.threads.run(self.slots.count, Box::new(task)) {
            Ok(()) => Ok(result),
            Err((error, _)) => Err(PoolError::Start(error)),
        }
    }
}
