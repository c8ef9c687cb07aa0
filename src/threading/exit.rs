//! Waiting for threads before the process exits.

use std::sync::atomic::{AtomicU32, Ordering};

use super::registry;
use crate::os;
use crate::process::{ExitPhase, at_exit};

/// Has the process wait for its threads that are no daemons before it exits, as Python does.
pub(super) fn wait_for_threads_at_exit() {
    /// The process that waits; a forked child does not yet.
    static WAITS: AtomicU32 = AtomicU32::new(0);
    let me = os::process_id();
    if WAITS.swap(me, Ordering::Relaxed) != me {
        at_exit(ExitPhase::BeforeChildren, join_all);
    }
}

fn join_all() {
    let me = registry::current_thread();
    let next = || {
        let threads = registry::enumerate().into_iter().skip(1);
        threads
            .into_iter()
            .find(|thread| !thread.daemon() && *thread != me)
    };
    while let Some(thread) = next() {
        // A panic has printed its message.
        let _ = thread.join();
    }
}
