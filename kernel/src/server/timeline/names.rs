//! How threads, locks and channels are called in the picture.

use crate::ipc::{ObjectKind, Trace, Watched, WatchedThread};
use std::collections::HashMap;

/// The name that a thread has if nobody gave it one: that of the program.
const UNNAMED: &str = "threadbook";

/// How many bytes of a thread's name the system keeps (pthread_setname_np(3)).
const MAX_NAME: usize = 15;

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
        number_clipped(&mut threads, order);
        let objects = watched.objects.iter().map(|object| {
            let sites = object.sites.iter();
            let traces = sites.filter_map(|site| traces.get(*site as usize));
            (object.kind, object_name(traces))
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

    /// Whether the cell has a name for the object. Others are parts of something else.
    pub fn has_name(&self, number: u32) -> bool {
        self.object(number).starts_with('`')
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

/// Numbers threads that differ in a part of their names that the system does not keep.
fn number_clipped(threads: &mut [String], order: &[usize]) {
    let all = threads.to_vec();
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    for &thread in order {
        let name = &*all[thread];
        let has_twin = all.iter().filter(|other| *other == name).count() > 1;
        if name.len() == MAX_NAME && has_twin {
            let number = numbers.entry(name).or_default();
            *number += 1;
            threads[thread] = format!("{name}… {number}");
        }
    }
}

/// Returns the name by which the cell that is watched calls the object, or else an earlier one.
fn object_name<'a>(traces: impl Iterator<Item = &'a Trace>) -> Option<String> {
    let named = traces.filter_map(|trace| Some((trace.places.first()?, trace.receiver.as_ref()?)));
    let best = named.min_by_key(|(place, _)| place.cell.is_some());
    best.map(|(_, name)| format!("`{name}`"))
}

/// Numbers the objects of one kind that have the same name.
fn distinct(objects: Vec<(ObjectKind, Option<String>)>) -> Vec<String> {
    let mut counts: HashMap<(ObjectKind, String), (u32, u32)> = HashMap::new();
    let named = objects
        .iter()
        .filter_map(|(kind, name)| Some((*kind, name.clone()?)));
    for object in named {
        counts.entry(object).or_default().0 += 1;
    }
    let numbered = objects.into_iter().map(|(kind, name)| {
        let Some(name) = name else {
            return unnamed(kind).to_owned();
        };
        match counts.get_mut(&(kind, name.clone())) {
            Some((all, number)) if *all > 1 => {
                *number += 1;
                format!("{name} {number}")
            }
            _ => name,
        }
    });
    numbered.collect()
}

fn unnamed(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Lock => "a lock",
        ObjectKind::Channel => "a channel",
        ObjectKind::Condition => "a condition",
        ObjectKind::Atomic => "an atomic",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipped_names_are_numbered() {
        let names = [
            "main",
            "ThreadPoolExecu",
            "worker",
            "ThreadPoolExecu",
            "worker",
        ];
        let mut names = names.map(str::to_owned);
        number_clipped(&mut names, &[0, 3, 1, 2, 4]);
        assert_eq!(
            names[1..],
            [
                "ThreadPoolExecu… 2",
                "worker",
                "ThreadPoolExecu… 1",
                "worker"
            ]
        );
    }

    #[test]
    fn objects_of_one_kind_and_name_are_numbered() {
        let lock = |name: &str| (ObjectKind::Lock, Some(name.to_owned()));
        let atomic = (ObjectKind::Atomic, Some("`a`".to_owned()));
        let objects = vec![
            lock("`a`"),
            lock("`b`"),
            lock("`a`"),
            atomic,
            (ObjectKind::Channel, None),
        ];
        assert_eq!(
            distinct(objects),
            ["`a` 1", "`b`", "`a` 2", "`a`", "a channel"]
        );
    }
}
