//! How threads, locks and channels are called in the picture.

use crate::ipc::{ObjectKind, Trace, Watched, WatchedThread};
use std::collections::HashMap;

/// The name that a thread has if nobody gave it one: that of the program.
const UNNAMED: &str = "threadbook";

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
            threads[number] = thread_name(&watched.threads[number], lane);
        }
        let objects = watched.objects.iter().map(|object| {
            let sites = object.sites.iter();
            let traces = sites.filter_map(|site| traces.get(*site as usize));
            object_name(traces, object.kind)
        });
        Names {
            threads,
            objects: distinct(objects.collect()),
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
}

fn thread_name(thread: &WatchedThread, lane: usize) -> String {
    let given = thread.name.as_deref();
    let given = given.filter(|name| *name != UNNAMED && !name.is_empty());
    match (lane, given, thread.process) {
        (0, ..) => "main".to_owned(),
        (_, Some(name), _) => name.to_owned(),
        (_, None, Some(process)) if thread.is_main => format!("process {process}"),
        _ => format!("thread {lane}"),
    }
}

/// Returns the name by which the cell that is watched calls the object, or else an earlier one.
fn object_name<'a>(traces: impl Iterator<Item = &'a Trace>, kind: ObjectKind) -> String {
    let named = traces.filter_map(|trace| Some((trace.places.first()?, trace.receiver.as_ref()?)));
    let best = named.min_by_key(|(place, _)| place.cell.is_some());
    let kind = match kind {
        ObjectKind::Lock => "lock",
        ObjectKind::Channel => "channel",
        ObjectKind::Condition => "condition",
        ObjectKind::Atomic => "atomic",
    };
    best.map_or_else(|| format!("a {kind}"), |(_, name)| format!("`{name}`"))
}

/// Numbers the objects that have the same name.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for name in &names {
        *counts.entry(name.clone()).or_default() += 1;
    }
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let numbered = names.into_iter().map(|name| {
        if counts[&name] == 1 {
            return name;
        }
        let number = numbers.entry(name.clone()).or_default();
        *number += 1;
        format!("{name} {number}")
    });
    numbered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_one_name_are_numbered() {
        let names = ["`a`", "`b`", "`a`"].map(str::to_owned).to_vec();
        assert_eq!(distinct(names), ["`a` 1", "`b`", "`a` 2"]);
    }
}
