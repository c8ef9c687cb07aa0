//! Measures executors and the queues between threads, compared with CPython.
//!
//! `cargo bench --bench executors`, optionally with the start of a measure's name after `--`.

mod beside;

use beside::{Measure, Rate, rate};
use threadbook::prelude::*;
use threadbook::queue::PriorityQueue;

const MEASURES: &[Measure] = &[
    Measure {
        name: "threads, submit",
        ours: || submit_to_threads(100_000),
        other: None,
        goal: 10.0,
    },
    Measure {
        name: "threads, one by one",
        ours: || one_by_one_in_threads(20_000),
        other: None,
        goal: 10.0,
    },
    Measure {
        name: "threads, map",
        ours: || map_in_threads(100_000),
        other: None,
        goal: 10.0,
    },
    Measure {
        name: "processes, submit",
        ours: || submit_to_processes(20_000),
        other: None,
        goal: 5.0,
    },
    Measure {
        name: "processes, one by one",
        ours: || one_by_one_in_processes(2000),
        other: None,
        goal: 5.0,
    },
    Measure {
        name: "processes, fork each",
        ours: || fork_each(300),
        other: None,
        goal: 1.0,
    },
    Measure {
        name: "processes, map",
        ours: || map_in_processes(100_000),
        other: None,
        goal: 5.0,
    },
    Measure {
        name: "priority queue",
        ours: || priority_queue(200_000),
        other: None,
        goal: 10.0,
    },
];

fn main() {
    beside::compare(MEASURES, "executors.py", "-");
}

/// Submits all tasks, then takes all results.
fn submit_to_threads(tasks: u64) -> Rate {
    let pool = ThreadPoolExecutor::new(2);
    rate(tasks, || {
        let futures: Vec<_> = (0..tasks).map(|n| pool.submit(move || n + 1)).collect();
        assert_eq!(sum(&futures), tasks * (tasks + 1) / 2);
    })
}

fn one_by_one_in_threads(tasks: u64) -> Rate {
    let pool = ThreadPoolExecutor::new(2);
    rate(tasks, || {
        for n in 0..tasks {
            assert_eq!(pool.submit(move || n + 1).result(), Ok(n + 1));
        }
    })
}

fn map_in_threads(tasks: u64) -> Rate {
    let pool = ThreadPoolExecutor::new(2);
    rate(tasks, || {
        let sum: u64 = pool.map(|n| n + 1, 0..tasks).map(Result::unwrap).sum();
        assert_eq!(sum, tasks * (tasks + 1) / 2);
    })
}

fn submit_to_processes(tasks: u64) -> Rate {
    let pool = ProcessPoolExecutor::new(2);
    rate(tasks, || {
        let futures: Vec<_> = (0..tasks).map(|n| pool.submit(move || n + 1)).collect();
        assert_eq!(sum(&futures), tasks * (tasks + 1) / 2);
    })
}

/// A function and its argument, which is what Python's `submit` takes.
fn one_by_one_in_processes(tasks: u64) -> Rate {
    let pool = ProcessPoolExecutor::new(2);
    rate(tasks, || {
        for n in 0..tasks {
            assert_eq!(pool.submit_fn(|n| n + 1, n).result(), Ok(n + 1));
        }
    })
}

/// A closure, which Python's processes cannot be given: a fork for each.
fn fork_each(tasks: u64) -> Rate {
    let pool = ProcessPoolExecutor::new(2);
    rate(tasks, || {
        for n in 0..tasks {
            assert_eq!(pool.submit(move || n + 1).result(), Ok(n + 1));
        }
    })
}

/// In chunks of 100, here and in Python, which otherwise takes a quarter of a minute.
fn map_in_processes(tasks: u64) -> Rate {
    let pool = ProcessPoolExecutor::new(2);
    rate(tasks, || {
        let results = pool.map_chunks(|n| n + 1, 0..tasks, 100);
        assert_eq!(
            results.map(Result::unwrap).sum::<u64>(),
            tasks * (tasks + 1) / 2
        );
    })
}

/// Puts items in a mixed order, then takes all.
fn priority_queue(items: u64) -> Rate {
    const PRIME: u64 = 1_000_003;
    let q = PriorityQueue::new();
    rate(items, || {
        for n in 0..items {
            q.put(n * 7919 % PRIME).expect("an open queue");
        }
        for _ in 0..items {
            q.get().expect("an item");
        }
    })
}

fn sum(futures: &[Future<u64>]) -> u64 {
    futures
        .iter()
        .map(|future| future.result().expect("a value"))
        .sum()
}
