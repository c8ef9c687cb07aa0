//! How the threads and objects of an order are called.

use crate::ipc::Trace;
use crate::ipc::{ExploredKind, ExploredOutcome};
use crate::server::names::{Names, thread_name};

pub fn names(outcome: &ExploredOutcome, traces: &[Trace]) -> Names {
    let mut processes = 0;
    let threads = outcome.threads.iter().enumerate();
    let threads = threads.map(|(index, thread)| {
        processes += u32::from(thread.is_process);
        let process = thread.is_process.then_some(processes);
        thread_name(index, thread.name.as_deref(), process)
    });
    let threads: Vec<String> = threads.collect();
    let order: Vec<usize> = (0..threads.len()).collect();
    let objects = outcome.objects.iter();
    let objects = objects.map(|object| (object.kind, &object.sites[..]));
    Names::new(threads, &order, objects, traces, unnamed)
}

fn unnamed(kind: ExploredKind) -> &'static str {
    match kind {
        ExploredKind::Lock => "a lock",
        ExploredKind::Condition => "a condition",
        ExploredKind::Channel => "a channel",
        ExploredKind::Number => "a number",
        ExploredKind::Barrier => "a barrier",
        ExploredKind::Event => "an event",
        ExploredKind::Semaphore => "a semaphore",
        ExploredKind::Once => "a value",
    }
}
