//! How threads, locks and channels are called in the picture.

use crate::ipc::{ObjectKind, Trace, Watched};
use crate::server::names::{distinct, number_clipped, object_name, thread_name};

pub struct Names {
    /// By the numbers of the threads.
    threads: Vec<String>,
    /// By the numbers of the objects.
    objects: Vec<String>,
}

impl Names {
    /// `order` has the numbers of the threads in the order of their lanes.
    pub fn of(watched: &Watched, traces: &[Trace], order: &[usize]) -> Names {
        let mut threads = vec![String::new(); watched.threads.len()];
        for (lane, &number) in order.iter().enumerate() {
            let thread = &watched.threads[number];
            let process = thread.process.filter(|_| thread.is_main);
            threads[number] = thread_name(lane, thread.name.as_deref(), process);
        }
        number_clipped(&mut threads, order);
        let objects = watched.objects.iter();
        let objects = objects.map(|object| (object.kind, object_name(&object.sites, traces)));
        Names {
            threads,
            objects: distinct(objects.collect(), unnamed),
        }
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

    /// Whether the cell has a name for the object. Others are parts of something else.
    pub fn has_name(&self, number: u32) -> bool {
        self.object(number).starts_with('`')
    }
}

fn unnamed(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Lock => "a lock",
        ObjectKind::Channel => "a channel",
        ObjectKind::Condition => "a condition",
        ObjectKind::Atomic => "an atomic",
    }
}
