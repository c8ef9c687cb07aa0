//! ProcessPoolExecutor.

use std::collections::BTreeSet;
use std::process::id;
use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn tasks_run_in_other_processes_and_their_values_come_back() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(2);
        let text = "taken along".to_string();
        let future = pool.submit(move || (id(), format!("{text}, changed")));
        let (pid, text) = future.result().unwrap();
        assert_ne!(pid, id());
        assert_eq!(text, "taken along, changed");
        assert_eq!(
            pool.submit(|| vec![1u8; 1 << 20]).result().unwrap().len(),
            1 << 20
        );
    });
}

#[test]
fn as_many_workers_as_the_limit_run_at_once() {
    within(30, || {
        let (pool, all) = (ProcessPoolExecutor::new(3), Barrier::new(3));
        let task = move |_| {
            all.wait().unwrap();
            id()
        };
        let pids: BTreeSet<_> = pool.map(task, 0..3).map(Result::unwrap).collect();
        assert_eq!(pids.len(), 3);
    });
}

#[test]
fn map_keeps_the_order_with_chunks_and_without() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(2);
        let squares: Vec<i32> = (0..100).map(|n| n * n).collect();
        let results: Result<Vec<_>, _> = pool.map(|n| n * n, 0..100).collect();
        assert_eq!(results.as_ref(), Ok(&squares));
        for size in [1, 7, 100, 1000] {
            let results: Result<Vec<_>, _> = pool.map_chunks(|n| n * n, 0..100, size).collect();
            assert_eq!(results.as_ref(), Ok(&squares), "{size}");
        }
        let mut endless = pool.map_buffered(|n: u64| n + 1, 0.., 4);
        assert_eq!(endless.nth(9), Some(Ok(10)));
    });
}

#[test]
fn a_panic_is_an_error_with_its_message_and_the_worker_goes_on() {
    within(30, || {
        be_silent();
        let pool = ProcessPoolExecutor::new(1);
        let futures = [
            pool.submit(|| -> i32 { panic!("no luck") }),
            pool.submit(|| 2),
        ];
        assert_eq!(error_of(futures[0].result()), "no luck");
        assert_eq!(futures[1].result(), Ok(2));
    });
}

#[test]
fn a_worker_that_dies_fails_its_own_task_with_a_clear_error_and_the_pool_goes_on() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(1);
        let futures = [
            pool.submit(|| 1),
            pool.submit(|| {
                raise(libc::SIGKILL);
                2
            }),
            pool.submit(|| 3),
            pool.submit(|| std::process::exit(7)),
        ];
        assert_eq!((futures[0].result(), futures[2].result()), (Ok(1), Ok(3)));
        let message = error_of(futures[1].result());
        assert!(
            message.ends_with("was killed by signal 9 while it ran the task"),
            "{message}"
        );
        let message = error_of(futures[3].result());
        assert!(
            message.starts_with("ForkProcess-") && message.contains("exited with code 7"),
            "{message}"
        );
        assert_eq!(pool.submit(|| 5).result(), Ok(5));
    });
}

#[test]
fn max_tasks_per_child_replaces_the_worker() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(1).max_tasks_per_child(2);
        let pids: Vec<u32> = pool.map(|_| id(), 0..6).map(Result::unwrap).collect();
        for pair in pids.chunks(2) {
            let uses = pids.iter().filter(|pid| **pid == pair[0]).count();
            assert!(uses <= 2, "{pids:?}");
        }
        let message = panic_of(|| ProcessPoolExecutor::new(1).max_tasks_per_child(0));
        assert_eq!(message, "max_tasks_per_child must be >= 1");
    });
}

#[test]
fn the_initializer_runs_in_each_worker_before_its_tasks() {
    within(30, || {
        let ready = Value::new(0);
        let in_worker = ready.clone();
        let pool = ProcessPoolExecutor::new(2).initializer(move || in_worker.set(id()));
        let in_task = ready.clone();
        let pool_of_one = ProcessPoolExecutor::new(1).initializer({
            let ready = ready.clone();
            move || ready.set(id())
        });
        assert!(
            pool_of_one
                .submit(move || in_task.get() == id())
                .result()
                .unwrap()
        );
        pool.shutdown(true);
    });
}

#[test]
fn an_initializer_that_fails_breaks_the_pool() {
    within(30, || {
        be_silent();
        for fail in [
            (|| panic!("no database")) as fn(),
            || raise(libc::SIGKILL),
            || std::process::exit(0),
        ] {
            let pool = ProcessPoolExecutor::new(2).initializer(fail);
            let pending: Vec<_> = (0..5).map(|n| pool.submit(move || n)).collect();
            for future in &pending {
                assert!(matches!(
                    future.result(),
                    Err(FutureError::BrokenProcessPool(_))
                ));
            }
            let later = pool.submit(|| 1);
            assert!(matches!(
                later.result(),
                Err(FutureError::BrokenProcessPool(_))
            ));
            pool.shutdown(true);
        }
    });
}

#[test]
fn a_task_can_be_cancelled_until_a_worker_takes_it() {
    within(30, || {
        let (pool, go, ran) = (ProcessPoolExecutor::new(1), Event::new(), Value::new(0));
        let first = pool.submit({
            let go = go.clone();
            move || go.wait()
        });
        let queued: Vec<_> = (0..10)
            .map(|_| {
                let ran = ran.clone();
                pool.submit(move || *ran.get_lock() += 1)
            })
            .collect();
        until(|| first.running());
        assert!(!first.cancel());
        let cancelled = queued.iter().step_by(2).filter(|future| future.cancel());
        assert_eq!(cancelled.count(), 5);
        go.set();
        assert_eq!(wait(&queued).done.len(), 10);
        pool.shutdown(true);
        assert_eq!(ran.get(), 5);
        assert_eq!(queued.iter().filter(|future| future.cancelled()).count(), 5);
    });
}

#[test]
fn shutdown_waits_for_all_tasks_and_submit_after_it_is_an_error() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(2);
        let futures: Vec<_> = (0..50).map(|n| pool.submit(move || n)).collect();
        pool.shutdown(true);
        assert!(futures.iter().all(Future::done));
        let message = panic_of(|| pool.submit(|| ()));
        assert_eq!(message, "cannot schedule new futures after shutdown");
        until(|| active_children().is_empty());
        drop(pool);
    });
}

#[test]
fn shutdown_and_cancel_cancels_what_has_not_started() {
    within(30, || {
        let (pool, go) = (ProcessPoolExecutor::new(1), Event::new());
        let in_task = go.clone();
        let first = pool.submit(move || in_task.wait());
        until(|| first.running());
        let queued: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
        pool.shutdown_and_cancel(false);
        wait(&queued);
        assert!(queued.iter().all(Future::cancelled));
        go.set();
        assert_eq!(first.result(), Ok(()));
    });
}

#[test]
fn terminate_and_kill_workers_end_running_tasks_and_cancel_the_others() {
    within(30, || {
        for (end, signal) in [
            (ProcessPoolExecutor::terminate_workers as fn(&_), 15),
            (ProcessPoolExecutor::kill_workers, 9),
        ] {
            let pool = ProcessPoolExecutor::new(2);
            let running: Vec<_> = (0..2).map(|_| pool.submit(sleep_for_ever)).collect();
            until(|| running.iter().all(Future::running));
            let queued = pool.submit(|| 1);
            end(&pool);
            for future in &running {
                let message = error_of(future.result());
                let expected = format!("was killed by signal {signal} while it ran the task");
                assert!(message.ends_with(&expected), "{message}");
            }
            assert_eq!(queued.result(), Err(FutureError::Cancelled));
            pool.shutdown(true);
        }
    });
}

#[test]
fn a_value_that_cannot_be_read_back_is_an_error() {
    within(30, || {
        use threadbook::serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
        #[derive(Clone, Debug)]
        struct Odd(bool);
        impl Serialize for Odd {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.0 {
                    true => serializer.serialize_bool(true),
                    false => Err(ser::Error::custom("not that one")),
                }
            }
        }
        impl<'de> Deserialize<'de> for Odd {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Err(de::Error::custom("not this one"))
            }
        }
        let pool = ProcessPoolExecutor::new(1);
        for value in [true, false] {
            let error = pool.submit(move || Odd(value)).result().unwrap_err();
            assert!(matches!(error, FutureError::NotSent(_)), "{error:?}");
        }
        assert_eq!(pool.submit(|| 1).result(), Ok(1));
    });
}

#[test]
fn a_callback_may_drop_the_pool() {
    within(30, || {
        let pool = std::sync::Arc::new(ProcessPoolExecutor::new(1));
        let (tell, told) = std::sync::mpsc::channel();
        let in_callback = std::sync::Arc::clone(&pool);
        let go = Event::new();
        let gate = go.clone();
        let future = pool.submit(move || gate.wait());
        future.add_done_callback(move |_| {
            drop(in_callback);
            tell.send(()).unwrap();
        });
        drop(pool);
        go.set();
        told.recv_timeout(LONG).unwrap();
    });
}

#[test]
fn a_pool_is_refused_in_another_process() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(1);
        assert_eq!(pool.submit(|| 1).result(), Ok(1));
        let code = run(move || {
            be_silent();
            let message = panic_of(|| pool.submit(|| 1));
            assert!(
                message.contains("create an executor in this process"),
                "{message}"
            );
            drop(pool);
            assert_eq!(ProcessPoolExecutor::new(1).submit(|| 2).result(), Ok(2));
        });
        assert_eq!(code, Some(0));
    });
}

#[test]
fn a_worker_may_start_processes() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(1);
        let inner = pool.submit(|| run(|| std::process::exit(3)));
        assert_eq!(inner.result_timeout(Duration::from_secs(20)), Ok(Some(3)));
    });
}

#[test]
fn without_a_number_it_has_as_many_workers_as_there_are_processors() {
    let expected = format!("<ProcessPoolExecutor max_workers={}>", cpu_count());
    assert_eq!(format!("{:?}", ProcessPoolExecutor::default()), expected);
}

#[test]
fn the_drop_of_a_pool_waits_for_its_tasks_as_the_end_of_with_does() {
    within(30, || {
        let done = Value::new(0);
        let futures = {
            let pool = ProcessPoolExecutor::new(2);
            let count = done.clone();
            let first = pool.submit(move || *count.get_lock() += 1);
            (first, pool.submit_fn(|n: i32| n + 1, 1))
        };
        assert!(futures.0.done() && futures.1.done());
        assert_eq!((done.get(), futures.1.result()), (1, Ok(2)));
        until(|| active_children().is_empty());
    });
}
