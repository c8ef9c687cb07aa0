//! How threads, locks and channels are called in the picture.

use crate::ipc::{ObjectKind, Trace, Watched};
use crate::server::names::{Names, thread_name};

/// `order` has the numbers of the threads in the order of their lanes.
pub fn names(watched: &Watched, traces: &[Trace], order: &[usize]) -> Names {
    let mut threads = vec![String::new(); watched.threads.len()];
    for (lane, &number) in order.iter().enumerate() {
        let thread = &watched.threads[number];
        let process = thread.process.filter(|_| thread.is_main);
        threads[number] = thread_name(lane, thread.name.as_deref(), process);
    }
    let objects = watched.objects.iter();
    let objects = objects.map(|object| (object.kind, &object.sites[..]));
    Names::new(threads, order, objects, traces, unnamed)
}

fn unnamed(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Lock => "a lock",
        ObjectKind::Channel => "a channel",
        ObjectKind::Condition => "a condition",
        ObjectKind::Atomic => "an atomic",
    }
}
