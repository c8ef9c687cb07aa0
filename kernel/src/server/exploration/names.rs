//! How the threads and objects of an order are called.

use crate::ipc::Trace;
use crate::ipc::{ExploredKind, ExploredOutcome};
use crate::server::names::{distinct, number_clipped, object_name, thread_name};

pub struct Names {
    threads: Vec<String>,
    objects: Vec<String>,
}

impl Names {
    pub fn of(outcome: &ExploredOutcome, traces: &[Trace]) -> Names {
        let mut processes = 0;
        let threads = outcome.threads.iter().enumerate();
        let threads = threads.map(|(index, thread)| {
            processes += u32::from(thread.is_process);
            let process = thread.is_process.then_some(processes);
            thread_name(index, thread.name.as_deref(), process)
        });
        let mut threads: Vec<String> = threads.collect();
        let order: Vec<usize> = (0..threads.len()).collect();
        number_clipped(&mut threads, &order);
        let objects = outcome.objects.iter();
        let objects = objects.map(|object| (object.kind, object_name(&object.sites, traces)));
        Names {
            threads,
            objects: distinct(objects.collect(), unnamed),
        }
    }

    pub fn threads(&self) -> &[String] {
        &self.threads
    }

    pub fn objects(&self) -> &[String] {
        &self.objects
    }

    pub fn thread(&self, number: u32) -> &str {
        self.threads
            .get(number as usize)
            .map_or("?", String::as_str)
    }

    pub fn object(&self, number: u32) -> &str {
        self.objects
            .get(number as usize)
            .map_or("?", String::as_str)
    }
}

fn unnamed(kind: ExploredKind) -> &'static str {
    match kind {
        ExploredKind::Lock => "a lock",
        ExploredKind::Condition => "a condition",
        ExploredKind::Channel => "a channel",
        ExploredKind::Number => "a number",
        ExploredKind::Barrier => "a barrier",
        ExploredKind::Event => "an event",
    }
}
