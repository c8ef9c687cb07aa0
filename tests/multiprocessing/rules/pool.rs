//! Pool.

use std::collections::HashSet;
use std::process::id;
use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn it_has_as_many_places_as_there_are_processors_or_as_it_is_told() {
    within(30, || {
        let text = |count| format!("<multiprocessing.pool.Pool state=RUN pool_size={count}>");
        assert_eq!(repr(&Pool::default()), text(cpu_count()));
        assert_eq!(repr(&Pool::new(3)), text(3));
        let workers = Pool::new(3).map(|()| id(), [(); 3]).unwrap();
        assert_eq!(HashSet::<u32>::from_iter(workers).len(), 3);
    });
}

#[test]
fn less_than_one_process_is_an_error() {
    assert_eq!(
        panic_of(|| Pool::new(0)),
        "Number of processes must be at least 1"
    );
}

#[test]
fn workers_are_daemons_named_fork_pool_worker() {
    within(30, || {
        let who = || {
            (
                current_process().name().to_owned(),
                current_process().daemon(),
            )
        };
        for (name, daemon) in Pool::new(2).map(|()| who(), [(); 8]).unwrap() {
            assert!(daemon && name.starts_with("ForkPoolWorker-"), "{name}");
        }
    });
}

#[test]
fn map_takes_chunks_of_a_fourth_of_an_even_share_rounded_up() {
    within(30, || {
        // 17 items, 2 workers: ceil(17 / (4 * 2)) = 3. One worker gets all items of a chunk.
        let pids = Pool::new(2).map(|_| id(), 0..17).unwrap();
        assert!(
            pids.chunks(3)
                .all(|chunk| chunk.iter().all(|pid| *pid == chunk[0]))
        );
        let pids = Pool::new(2).map_chunks(|_| id(), 0..9, 100).unwrap();
        assert_eq!(HashSet::<u32>::from_iter(pids).len(), 1);
    });
}

#[test]
fn chunks_are_taken_by_whoever_is_free() {
    within(30, || {
        let others_done = Value::new(0);
        // The first item waits until the other worker has done all the rest.
        let pids = Pool::new(2).map_chunks(
            |n| {
                match n {
                    0 => until(|| others_done.get() == 9),
                    _ => *others_done.get_lock() += 1,
                }
                id()
            },
            0..10,
            1,
        );
        assert_eq!(
            HashSet::<u32>::from_iter(pids.unwrap()[1..].to_vec()).len(),
            1
        );
    });
}

#[test]
fn map_gives_a_list_in_the_order_of_the_items() {
    within(30, || {
        let slow_first = |n| {
            thread::sleep(Duration::from_millis(if n == 0 { 50 } else { 0 }));
            n * n
        };
        let squares = Pool::new(4).map_chunks(slow_first, 0..100, 1).unwrap();
        assert!(squares.into_iter().eq((0..100).map(|n| n * n)));
    });
}

#[test]
fn an_error_comes_after_all_chunks_are_done() {
    within(30, || {
        be_silent();
        let done = Array::<u8>::zeroed(40);
        let error = Pool::new(2).map_chunks(
            |n| {
                assert!(n != 7, "no {n}");
                done.set(n, 1);
            },
            0..40,
            1,
        );
        assert!(matches!(error, Err(PoolError::Panicked(message)) if message == "no 7"));
        assert_eq!(done.to_vec().iter().filter(|&&done| done == 1).count(), 39);
    });
}

#[test]
fn imap_gives_one_after_the_other_in_order_and_imap_unordered_by_completion() {
    within(30, || {
        let (pool, go_on) = (Pool::new(2), Event::new());
        let first_waits = |n| {
            assert!(n > 0 || go_on.wait_timeout(LONG));
            n
        };
        let mut by_completion = pool.imap_unordered(first_waits, 0..10).unwrap();
        for n in 1..10 {
            assert_eq!(by_completion.next().unwrap().unwrap(), n);
        }
        go_on.set();
        assert_eq!(by_completion.next().unwrap().unwrap(), 0);
        assert!(by_completion.next().is_none());

        let others_done = Value::new(0);
        let first_is_last = |n| {
            match n {
                0 => until(|| others_done.get() == 9),
                _ => *others_done.get_lock() += 1,
            }
            n
        };
        let in_order = pool.imap(first_is_last, 0..10).unwrap();
        assert!(in_order.map(Result::unwrap).eq(0..10));
    });
}

#[test]
fn the_first_results_of_imap_are_there_before_the_last_is_computed() {
    within(30, || {
        let go_on = Event::new();
        let pool = Pool::new(1);
        let mut results = pool
            .imap(
                |n| {
                    assert!(n < 1 || go_on.wait_timeout(LONG));
                    n
                },
                0..2,
            )
            .unwrap();
        assert_eq!(results.next().unwrap().unwrap(), 0);
        go_on.set();
        assert_eq!(results.next().unwrap().unwrap(), 1);
        assert!(results.next().is_none());
    });
}

#[test]
fn starmap_takes_tuples_apart() {
    within(30, || {
        let join = |a: i32, b: String| format!("{a}{b}");
        let items = [(1, "x".to_string()), (2, "y".to_string())];
        assert_eq!(Pool::new(2).starmap(join, items).unwrap(), ["1x", "2y"]);
    });
}

#[test]
fn get_of_apply_async_waits_as_long_as_it_is_told() {
    within(30, || {
        let (pool, go_on) = (Pool::new(2), Event::new());
        assert_eq!(pool.apply(|| 42).unwrap(), 42);
        let wait = go_on.clone();
        let result = pool.apply_async(move || wait.wait()).unwrap();
        let (limit, began) = (Duration::from_millis(30), Instant::now());
        assert!(matches!(result.get_timeout(limit), Err(PoolError::Timeout)));
        assert!(began.elapsed() >= limit);
        assert_eq!((result.ready(), result.successful().ok()), (false, None));
        go_on.set();
        result.wait();
        assert_eq!(
            (result.ready(), result.successful().ok()),
            (true, Some(true))
        );
        result.get().unwrap();
    });
}

#[test]
fn with_ends_by_terminate_and_not_by_join() {
    within(30, || {
        let pool = Pool::new(1);
        let began = Event::new();
        let tell = began.clone();
        let result = pool.apply_async(move || {
            tell.set();
            sleep_for_ever();
        });
        assert!(began.wait_timeout(LONG));
        drop(pool);
        assert!(matches!(result.unwrap().get(), Err(PoolError::Terminated)));
        assert!(active_children().is_empty());
    });
}

#[test]
fn join_of_a_running_pool_and_use_of_a_closed_one_are_errors() {
    within(30, || {
        let pool = Pool::new(2);
        assert_eq!(error_of(pool.join()), "Pool is still running");
        let result = pool.apply_async(|| 1).unwrap();
        pool.close();
        assert_eq!(
            repr(&pool),
            "<multiprocessing.pool.Pool state=CLOSE pool_size=2>"
        );
        assert_eq!(error_of(pool.map(|n| n, [1])), "Pool not running");
        pool.join().unwrap();
        assert!(result.ready(), "what was asked before is done");
        pool.terminate();
        assert_eq!(
            repr(&pool),
            "<multiprocessing.pool.Pool state=TERMINATE pool_size=2>"
        );
    });
}

#[test]
fn a_worker_that_is_killed_is_an_error_and_the_pool_goes_on() {
    within(30, || {
        let pool = Pool::new(2);
        let suicide = |_| raise(libc::SIGKILL);
        let error = error_of(pool.map(suicide, 0..4));
        assert!(
            error.contains("was killed by signal 9 before its task was done"),
            "{error}"
        );
        assert_eq!(pool.map(|n| n + 1, [1, 2]).unwrap(), [2, 3]);
    });
}

#[test]
fn a_closure_that_was_made_after_the_pool_will_do() {
    within(30, || {
        let pool = Pool::new(2);
        let late = String::from("late");
        assert_eq!(
            pool.map(|n| late.repeat(n), [1, 2]).unwrap(),
            ["late", "latelate"]
        );
    });
}
