//! A pool's `map` in its forms.

use std::sync::Arc;

use super::{ChunkedMap, ProcessPoolExecutor};
use crate::executor::Map;
use crate::future::Future;
use crate::ipc::Item;

/// Functions of many items.
impl ProcessPoolExecutor {
    /// Calls `f` with each item, in the workers, and returns an iterator over the results, in the order of the items.
    ///
    /// All items are submitted at once. See [`Map`] for errors and timeouts.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let pool = ProcessPoolExecutor::new(2);
    /// let squares: Result<Vec<_>, _> = pool.map(|n| n * n, [1, 2, 3]).collect();
    /// assert_eq!(squares, Ok(vec![1, 4, 9]));
    /// ```
    ///
    /// # Panics
    /// As [`submit`](Self::submit).
    pub fn map<I, R, F>(&self, f: F, items: I) -> Map<'static, R>
    where
        I: IntoIterator<Item: Send + 'static>,
        R: Item + Send,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        Map::new(self.submit_each(f, items.into_iter()))
    }

    /// As [`map`](Self::map), with at most `buffersize` results that were submitted and not taken.
    ///
    /// # Panics
    /// As [`submit`](Self::submit), also while results are taken; if `buffersize` is 0.
    #[doc(alias = "buffersize")]
    pub fn map_buffered<'a, I, R, F>(&'a self, f: F, items: I, buffersize: usize) -> Map<'a, R>
    where
        I: IntoIterator<Item: Send + 'static, IntoIter: 'a>,
        R: Item + Send,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        Map::buffered(self.submit_each(f, items.into_iter()), buffersize)
    }

    /// As [`map`](Self::map), with `chunksize` items per task: for many short ones. A panic is the only result of its
    /// chunk.
    ///
    /// # Panics
    /// As [`submit`](Self::submit); if `chunksize` is 0.
    #[doc(alias = "chunksize")]
    pub fn map_chunks<I, R, F>(&self, f: F, items: I, chunksize: usize) -> ChunkedMap<R>
    where
        I: IntoIterator<Item: Send + 'static>,
        R: Item + Send,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        assert!(chunksize >= 1, "chunksize must be >= 1.");
        let mut items = items.into_iter();
        let chunks = std::iter::from_fn(move || {
            let chunk: Vec<_> = items.by_ref().take(chunksize).collect();
            (!chunk.is_empty()).then_some(chunk)
        });
        let each = move |chunk: Vec<I::Item>| chunk.into_iter().map(&f).collect::<Vec<R>>();
        ChunkedMap::new(Map::new(self.submit_each(each, chunks)))
    }

    fn submit_each<T, R, F>(
        &self,
        f: F,
        items: impl Iterator<Item = T>,
    ) -> impl Iterator<Item = Future<R>>
    where
        T: Send + 'static,
        R: Item + Send,
        F: Fn(T) -> R + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        items.map(move |item| {
            let f = Arc::clone(&f);
            self.submit(move || f(item))
        })
    }
}
