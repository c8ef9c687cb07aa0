//! ThreadPoolExecutor: what `tests/multiprocessing/rules/executor.rs` does not have.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn threads_have_the_prefix_and_a_number() {
    within(30, || {
        let (pool, both) = (
            ThreadPoolExecutor::new(2).thread_name_prefix("web"),
            Arc::new(Barrier::new(2)),
        );
        let name = move |_| {
            both.wait();
            thread_name()
        };
        let names: BTreeSet<_> = pool.map(name, 0..2).map(Result::unwrap).collect();
        assert_eq!(names, BTreeSet::from(["web_0".into(), "web_1".into()]));
    });
}

#[test]
fn map_gives_results_in_the_order_of_the_items_as_soon_as_they_are_there() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(3);
        let (go, gate) = mpsc::channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        let mut results = pool.map(
            move |n| {
                if n == 1 {
                    gate.lock().unwrap().recv().unwrap();
                }
                n * n
            },
            0..3,
        );
        assert_eq!(results.next(), Some(Ok(0)));
        go.send(()).unwrap();
        assert_eq!(results.collect::<Result<Vec<_>, _>>(), Ok(vec![1, 4]));
    });
}

#[test]
fn map_submits_all_items_at_once_and_waits_for_nothing() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let items = (0..100).inspect(move |_| {
            count.fetch_add(1, SeqCst);
        });
        let results = pool.map(|n| n, items);
        assert_eq!(taken.load(SeqCst), 100);
        assert_eq!(results.map(Result::unwrap).sum::<i32>(), 4950);
    });
}

#[test]
fn map_with_a_buffersize_takes_items_only_as_results_are_taken() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let items = (0..).inspect(move |_| {
            count.fetch_add(1, SeqCst);
        });
        let mut results = pool.map_buffered(|n: usize| n, items, 4);
        for n in 0..10 {
            assert_eq!(taken.load(SeqCst), 4 + n);
            assert_eq!(results.next(), Some(Ok(n)));
        }
        assert_eq!(
            panic_of(|| pool.map_buffered(|n: i32| n, 0..1, 0).count()),
            "buffersize must be at least 1"
        );
    });
}

#[test]
fn a_timeout_of_map_is_the_last_result_and_cancels_the_rest() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (go, gate) = mpsc::channel::<()>();
        let ran = Arc::new(AtomicUsize::new(0));
        let (count, gate) = (Arc::clone(&ran), std::sync::Mutex::new(gate));
        let mut results = pool
            .map(
                move |_| {
                    count.fetch_add(1, SeqCst);
                    gate.lock().unwrap().recv().unwrap();
                },
                0..3,
            )
            .timeout(SHORT);
        assert_eq!(results.next(), Some(Err(FutureError::Timeout)));
        assert_eq!(results.next(), None);
        go.send(()).unwrap();
        pool.shutdown(true);
        assert_eq!(ran.load(SeqCst), 1);
    });
}

#[test]
fn a_panic_in_map_is_one_result() {
    within(30, || {
        be_silent();
        let pool = ThreadPoolExecutor::new(2);
        let results: Vec<_> = pool.map(|n: i32| 6 / n, [1, 0, 2]).collect();
        assert_eq!((&results[0], &results[2]), (&Ok(6), &Ok(3)));
        assert_eq!(
            results[1].as_ref().unwrap_err().to_string(),
            "attempt to divide by zero"
        );
    });
}

#[test]
fn the_initializer_runs_once_in_each_thread_before_its_tasks() {
    within(30, || {
        let calls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&calls);
        let pool = ThreadPoolExecutor::new(2).initializer(move || {
            count.fetch_add(1, SeqCst);
        });
        let both = Arc::new(Barrier::new(2));
        let in_task = Arc::clone(&calls);
        let task = move |_| {
            both.wait();
            in_task.load(SeqCst)
        };
        let seen: Vec<_> = pool.map(task, 0..10).map(Result::unwrap).collect();
        assert_eq!(seen, [2; 10]);
    });
}

#[test]
fn an_initializer_that_fails_breaks_the_pool() {
    within(30, || {
        be_silent();
        let (go, gate) = mpsc::channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        let pool = ThreadPoolExecutor::new(1).initializer(move || {
            gate.lock().unwrap().recv().unwrap();
            panic!("no database")
        });
        let pending = [pool.submit(|| 1), pool.submit(|| 2)];
        go.send(()).unwrap();
        for future in &pending {
            assert_eq!(future.result(), Err(FutureError::BrokenThreadPool));
        }
        let later = pool.submit(|| 3);
        assert!(later.done());
        let message = later.exception().unwrap().to_string();
        assert!(message.contains("not usable anymore"), "{message}");
        pool.shutdown(true);
    });
}

#[test]
fn shutdown_and_cancel_cancels_what_has_not_started() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (go, gate) = mpsc::channel::<()>();
        let running = pool.submit(move || gate.recv().unwrap());
        until(|| running.running());
        let queued: Vec<_> = (0..10).map(|_| pool.submit(|| ())).collect();
        pool.shutdown_and_cancel(false);
        assert!(queued.iter().all(Future::cancelled));
        assert_eq!(wait(&queued).done.len(), 10, "no one waits for ever");
        go.send(()).unwrap();
        pool.shutdown(true);
        assert_eq!(running.result(), Ok(()));
    });
}

#[test]
fn a_task_that_waits_for_another_of_a_full_pool_is_a_deadlock_that_a_timeout_ends() {
    within(30, || {
        let pool = Arc::new(ThreadPoolExecutor::new(1));
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || inner.submit(|| 5).result_timeout(SHORT));
        assert_eq!(outer.result(), Ok(Err(FutureError::Timeout)));
    });
}

#[test]
fn the_drop_of_a_pool_waits_for_its_tasks_as_the_end_of_with_does() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(2);
        let futures: Vec<_> = (0..100).map(|n| pool.submit(move || n)).collect();
        drop(pool);
        assert!(futures.iter().all(Future::done));
    });
}
