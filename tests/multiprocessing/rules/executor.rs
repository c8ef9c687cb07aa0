//! ThreadPoolExecutor.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier, mpsc};

use threadbook::prelude::*;

use crate::life::*;

/// `ThreadPoolExecutor-3_1`: 3 and 1.
fn numbers(name: &str) -> (usize, usize) {
    let (executor, thread) = name
        .strip_prefix("ThreadPoolExecutor-")
        .unwrap()
        .split_once('_')
        .unwrap();
    (executor.parse().unwrap(), thread.parse().unwrap())
}

#[test]
fn executors_and_their_threads_are_numbered_from_0() {
    within(30, || {
        for executor in 0..3 {
            let pool = ThreadPoolExecutor::new(2);
            assert_eq!(
                numbers(&pool.submit(thread_name).result().unwrap()),
                (executor, 0)
            );
        }
    });
}

#[test]
fn without_a_number_it_has_4_threads_more_than_processors_and_at_most_32() {
    within(30, || {
        let pool = ThreadPoolExecutor::default();
        assert!(repr(&pool).ends_with(&format!("max_workers={}>", (cpu_count() + 4).min(32))));
    });
}

#[test]
fn a_burst_of_slow_tasks_starts_a_thread_for_each_up_to_the_limit() {
    within(30, || {
        let (pool, all) = (ThreadPoolExecutor::new(3), Arc::new(Barrier::new(3)));
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let all = Arc::clone(&all);
                // Three tasks must be there at the same time.
                pool.submit(move || {
                    all.wait();
                    thread_name()
                })
            })
            .collect();
        let names = tasks
            .into_iter()
            .map(|task| numbers(&task.result().unwrap()).1);
        assert_eq!(names.collect::<BTreeSet<_>>(), BTreeSet::from([0, 1, 2]));
    });
}

#[test]
fn a_result_is_a_value_or_the_message_of_a_panic() {
    within(30, || {
        be_silent();
        let pool = ThreadPoolExecutor::new(1);
        assert_eq!(pool.submit(|| 6 * 7).result(), Ok(42));
        let bad = pool.submit(|| -> i32 { panic!("no answer") });
        assert_eq!(error_of(bad.result()), "no answer");
    });
}

#[test]
fn done_is_false_until_wait_has_returned() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (go, gate) = mpsc::channel::<()>();
        let task = pool.submit(move || gate.recv().unwrap());
        assert!(!task.done());
        go.send(()).unwrap();
        wait([&task]);
        assert!(task.done());
    });
}

#[test]
fn submit_after_shutdown_is_an_error_and_shutdown_waits() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(2);
        let tasks: Vec<_> = (0..50).map(|n| pool.submit(move || n)).collect();
        pool.shutdown(true);
        assert!(tasks.iter().all(Future::done));
        let message = panic_of(|| pool.submit(|| ()));
        assert_eq!(message, "cannot schedule new futures after shutdown");
    });
}
