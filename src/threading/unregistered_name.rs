//! The names of threads that nobody has named here.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static ASSIGNED_NAME: OnceCell<String> = const { OnceCell::new() };
}

/// The name of the calling thread, which is not the main thread and not known here.
pub(super) fn foreign_name() -> String {
    if let Some(name) = thread::current().name() {
        return name.into();
    }
    let assigned = ASSIGNED_NAME.try_with(|assigned| assigned.get_or_init(next_name).clone());
    assigned.unwrap_or_else(|_| next_name())
}

/// `Thread-N`, with the next number.
pub(super) fn next_name() -> String {
    format!("Thread-{}", NEXT_NUMBER.fetch_add(1, Ordering::Relaxed))
}
