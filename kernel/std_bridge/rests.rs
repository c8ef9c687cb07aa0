//! Leaks what is left of partially moved variables at the end of a cell. Rust drops it at the end of its scope, and offers no other way
//! to keep it than a future that never completes.

use crate::Outcome;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::task::{Context, Poll};

thread_local! {
    /// Whether the code of a cell has reached its end, in [`leak`].
    static IS_AT_END: Cell<bool> = const { Cell::new(false) };
}

/// Runs the user's code to [`leak`] and leaks what its variables still hold there.
pub async fn leaking<F: Future<Output = T>, T: Outcome>(cell: F) -> T {
    let mut cell = Box::pin(cell);
    let poll = |context: &mut Context<'_>| {
        let outcome = cell.as_mut().poll(context);
        match IS_AT_END.take() {
            true => Poll::Ready(None),
            false => outcome.map(Some),
        }
    };
    let outcome = poll_fn(poll).await;
    outcome.unwrap_or_else(|| {
        std::mem::forget(cell);
        T::done()
    })
}

/// Ends the code within [`leaking`].
pub async fn leak() {
    IS_AT_END.set(true);
    pending().await
}
