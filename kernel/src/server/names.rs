//! How the pictures below cells call threads, locks, channels and numbers.

use crate::ipc::Trace;
use std::collections::HashMap;
use std::hash::Hash;

/// The name that a thread has if nobody gave it one: that of the program.
const UNNAMED: &str = "threadbook";

/// How many bytes of a thread's name the system keeps (pthread_setname_np(3)).
const MAX_NAME: usize = 15;

/// The names in a picture.
pub struct Names {
    /// By the numbers of the threads.
    threads: Vec<String>,
    /// By the numbers of the objects.
    objects: Vec<String>,
}

impl Names {
    /// `order` has the numbers of the threads in the order in which the picture has them. An object is given by its kind and its sites;
    /// `unnamed` is what one without a name is called.
    pub fn new<'a, Kind: Copy + Eq + Hash>(
        mut threads: Vec<String>,
        order: &[usize],
        objects: impl Iterator<Item = (Kind, &'a [u32])>,
        traces: &[Trace],
        unnamed: fn(Kind) -> &'static str,
    ) -> Names {
        number_clipped(&mut threads, order);
        let objects = objects.map(|(kind, sites)| (kind, object_name(sites, traces)));
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
        name(&self.threads, number)
    }

    pub fn object(&self, number: u32) -> &str {
        name(&self.objects, number)
    }

    /// Whether the cell has a name for the object. Others are parts of something else.
    pub fn has_name(&self, number: u32) -> bool {
        self.object(number).starts_with('`')
    }
}

fn name(names: &[String], number: u32) -> &str {
    names.get(number as usize).map_or("?", String::as_str)
}

/// Returns the name of the thread with this place in the picture, the first of which runs the cell. `process` is the number of the process
/// whose first thread it is.
pub fn thread_name(index: usize, given: Option<&str>, process: Option<u32>) -> String {
    let given = given.filter(|name| *name != UNNAMED && !name.is_empty());
    match (index, given, process) {
        (0, ..) => "main".to_owned(),
        (_, Some(name), _) => name.to_owned(),
        (_, None, Some(process)) => format!("process {process}"),
        _ => format!("thread {index}"),
    }
}

/// Numbers threads that differ in a part of their names that the system does not keep, in this order.
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

/// Returns the name by which the cell that ran last calls an object with these sites, or else an earlier one.
fn object_name(sites: &[u32], traces: &[Trace]) -> Option<String> {
    let traces = sites.iter().filter_map(|site| traces.get(*site as usize));
    let named = traces.filter_map(|trace| Some((trace.places.first()?, trace.receiver.as_ref()?)));
    let best = named.min_by_key(|(place, _)| place.cell.is_some());
    best.map(|(_, name)| format!("`{name}`"))
}

/// Numbers the objects of one kind that have the same name. `unnamed` is what an object without one is called.
fn distinct<Kind: Copy + Eq + Hash>(
    objects: Vec<(Kind, Option<String>)>,
    unnamed: fn(Kind) -> &'static str,
) -> Vec<String> {
    let mut counts: HashMap<(Kind, String), (u32, u32)> = HashMap::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_its_own_name_or_a_number() {
        assert_eq!(thread_name(0, Some("tokio"), None), "main");
        assert_eq!(thread_name(2, Some("counter"), None), "counter");
        assert_eq!(thread_name(2, Some("threadbook"), None), "thread 2");
        assert_eq!(thread_name(2, None, Some(7)), "process 7");
    }

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
        let objects = [
            ('l', Some("`a`")),
            ('l', Some("`b`")),
            ('l', Some("`a`")),
            ('n', Some("`a`")),
            ('c', None),
        ];
        let objects = objects.map(|(kind, name)| (kind, name.map(str::to_owned)));
        assert_eq!(
            distinct(objects.to_vec(), |_| "a channel"),
            ["`a` 1", "`b`", "`a` 2", "`a`", "a channel"]
        );
    }
}
