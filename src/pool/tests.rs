//! The rules of Python's pools, and what happens when a worker dies.

use std::collections::HashSet;
use std::process::id;
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::ipc::testing::{end_of, kill, start, within};
use crate::prelude::*;

/// Silences the worker, which would print its panic; the tests have enough output.
fn quiet() {
    std::panic::set_hook(Box::new(|_| ()));
}

#[test]
fn items_and_closure_need_no_serde_and_may_borrow() {
    within(30, || {
        struct Opaque<'a>(&'a str);
        let texts = ["a".to_string(), "bb".to_string()];
        let suffix = String::from("!");
        let items = texts.iter().map(|text| Opaque(text));
        let pool = Pool::new(2);
        let results = pool.map(|item| item.0.to_owned() + &suffix, items).unwrap();
        assert_eq!(results, ["a!", "bb!"]);
    });
}

#[test]
fn every_item_is_dropped_here_once() {
    within(30, || {
        struct Counted<'a>(&'a std::cell::Cell<u32>);
        impl Drop for Counted<'_> {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let drops = std::cell::Cell::new(0);
        let items: Vec<_> = (0..50).map(|_| Counted(&drops)).collect();
        // A worker drops its own items and no others.
        let seen = Pool::new(3).map(
            |item| {
                let before = item.0.get();
                drop(item);
                before
            },
            items,
        );
        assert_eq!(drops.get(), 50);
        assert!(seen.unwrap().into_iter().all(|before| before < 50));
    });
}

#[test]
fn at_most_as_many_workers_as_places_and_never_the_parent() {
    within(30, || {
        let pool = Pool::new(3);
        let pids: HashSet<u32> = pool.map(|_| id(), 0..100).unwrap().into_iter().collect();
        assert!(pids.len() <= 3 && !pids.contains(&id()));
        let each_has_one: HashSet<u32> = pool.map(|_| id(), 0..3).unwrap().into_iter().collect();
        assert_eq!(each_has_one.len(), 3);
        let running = Value::new(0);
        let most = Value::new(0);
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    pool.map(
                        |_| {
                            *running.get_lock() += 1;
                            let now = running.get();
                            let mut most = most.get_lock();
                            *most = now.max(*most);
                            drop(most);
                            thread::sleep(Duration::from_millis(5));
                            *running.get_lock() -= 1;
                        },
                        0..20,
                    )
                    .unwrap();
                });
            }
        });
        assert!(most.get() <= 3, "{} at a time", most.get());
    });
}

#[test]
fn imap_does_not_need_to_be_used_up() {
    within(30, || {
        let pool = Pool::new(1);
        let mut first = pool.imap(|n| vec![n as u8; 100_000], 0..50).unwrap();
        assert_eq!(first.next().unwrap().unwrap()[0], 0);
        // The only slot becomes free all the same.
        assert_eq!(pool.map(|n| n, [1]).unwrap(), [1]);
        assert_eq!(first.count(), 49);
    });
}

#[test]
fn a_panic_is_an_error_after_the_other_chunks_are_done() {
    within(30, || {
        quiet();
        let pool = Pool::new(2);
        let done = Array::<u8>::zeroed(40);
        let error = pool.map_chunks(
            |n: usize| {
                assert!(n != 7 && n != 30, "no {n}");
                done.set(n, 1);
            },
            0..40,
            1,
        );
        assert!(
            matches!(&error, Err(PoolError::Panicked(message)) if message == "no 7"),
            "{error:?}"
        );
        let missing = done.to_vec().iter().filter(|&&done| done == 0).count();
        assert_eq!(missing, 2, "only those that panicked");
        let results: Vec<_> = pool.imap(|n: i32| 6 / n, [1, 0, 2]).unwrap().collect();
        assert!(
            matches!(&results[..], [Ok(6), Err(PoolError::Panicked(_)), Ok(3)]),
            "{results:?}"
        );
    });
}

#[test]
fn a_worker_that_dies_is_noticed_also_if_its_child_holds_the_pipe() {
    within(30, || {
        let pool = Pool::new(1);
        let result = pool.map(
            |()| {
                // SAFETY: a child that only sleeps and is killed with the test's processes, or ends soon.
                if unsafe { libc::fork() } == 0 {
                    thread::sleep(Duration::from_secs(8));
                    unsafe { libc::_exit(0) };
                }
                kill(id());
            },
            [()],
        );
        assert!(
            matches!(
                result,
                Err(PoolError::WorkerDied {
                    exitcode: Some(-9),
                    ..
                })
            ),
            "{result:?}"
        );
    });
}

#[test]
fn apply_and_apply_async() {
    within(30, || {
        quiet();
        let pool = Pool::new(2);
        let text = String::from("moved");
        assert_eq!(pool.apply(move || text + "!").unwrap(), "moved!");
        let results: Vec<_> = (0..20)
            .map(|n| pool.apply_async(move || n * n).unwrap())
            .collect();
        for (n, result) in results.into_iter().enumerate() {
            assert_eq!(result.get().unwrap(), n * n);
        }
        let (wait, go) = Pipe::one_way();
        let slow = pool.apply_async(move || wait.recv().unwrap()).unwrap();
        assert!(!slow.ready() && slow.successful().is_err());
        assert!(matches!(
            slow.get_timeout(Duration::from_millis(20)),
            Err(PoolError::Timeout)
        ));
        go.send(&5).unwrap();
        assert_eq!(slow.get_timeout(Duration::from_secs(10)).unwrap(), 5);
        assert_eq!((slow.ready(), slow.successful().unwrap()), (true, true));
        let bad = pool.apply_async(|| -> i32 { panic!("bad luck") }).unwrap();
        bad.wait();
        assert!(!bad.successful().unwrap());
        assert_eq!(bad.get().unwrap_err().to_string(), "bad luck");
    });
}

#[test]
fn close_join_and_terminate() {
    within(30, || {
        let pool = Pool::new(2);
        assert_eq!(
            pool.join().unwrap_err().to_string(),
            "Pool is still running"
        );
        assert_eq!(
            format!("{pool:?}"),
            "<multiprocessing.pool.Pool state=RUN pool_size=2>"
        );
        let going_on = pool
            .apply_async(|| thread::sleep(Duration::from_millis(50)))
            .unwrap();
        pool.close();
        assert_eq!(
            pool.map(|n| n, [1]).unwrap_err().to_string(),
            "Pool not running"
        );
        assert_eq!(
            pool.apply_async(|| 1).unwrap_err().to_string(),
            "Pool not running"
        );
        pool.join().unwrap();
        assert!(going_on.ready());
        going_on.get().unwrap();

        let pool = Pool::new(1);
        let began = Instant::now();
        let all: Vec<_> = (0..5)
            .map(|_| {
                pool.apply_async(|| thread::sleep(Duration::from_secs(20)))
                    .unwrap()
            })
            .collect();
        thread::sleep(Duration::from_millis(50));
        pool.terminate();
        pool.join().unwrap();
        assert!(began.elapsed() < Duration::from_secs(5));
        for result in all {
            assert!(matches!(result.get(), Err(PoolError::Terminated)));
        }
    });
}

#[test]
fn dropping_the_pool_ends_its_workers() {
    within(30, || {
        let pids = Array::<u32>::zeroed(1);
        let pool = Pool::new(1);
        let in_worker = pids.clone();
        let started = pool.apply_async(move || {
            in_worker.set(0, id());
            thread::sleep(Duration::from_secs(20));
        });
        while pids.get(0) == 0 {
            thread::yield_now();
        }
        drop(pool);
        assert!(matches!(started.unwrap().get(), Err(PoolError::Terminated)));
        // SAFETY: signal 0 is not delivered.
        assert_eq!(
            unsafe { libc::kill(pids.get(0) as i32, 0) },
            -1,
            "ended and waited for"
        );
    });
}

#[test]
fn a_pool_is_refused_in_another_process() {
    within(30, || {
        let pool = Pool::new(1);
        let p = start(move || {
            let error = pool.map(|n| n, [1]).unwrap_err().to_string();
            assert!(error.contains("create a pool in this process"), "{error}");
            drop(pool);
            assert_eq!(Pool::new(1).map(|n| n, [1]).unwrap(), [1]);
        });
        assert_eq!(end_of(&p, 20), Some(0));
    });
}
