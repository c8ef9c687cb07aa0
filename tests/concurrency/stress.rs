//! Many tasks, many items, and killed workers.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

use threadbook::prelude::*;
use threadbook::queue::{GetError, LifoQueue, PriorityQueue, SimpleQueue};

use crate::life::*;

#[test]
fn a_million_futures_are_all_done() {
    within(60, || {
        const TASKS: u64 = 1_000_000;
        let pool = ThreadPoolExecutor::new(4);
        let futures: Vec<_> = (0..TASKS).map(|n| pool.submit(move || n)).collect();
        let sum: u64 = as_completed(&futures)
            .map(|future| future.result().unwrap())
            .sum();
        assert_eq!(sum, TASKS * (TASKS - 1) / 2);
        assert_eq!(wait(&futures).done.len(), futures.len());
    });
}

#[test]
fn each_of_many_tasks_is_either_run_or_cancelled() {
    within(60, || {
        const TASKS: usize = 100_000;
        let (pool, ran) = (ThreadPoolExecutor::new(2), Arc::new(AtomicUsize::new(0)));
        let futures: Vec<_> = (0..TASKS)
            .map(|_| {
                let ran = Arc::clone(&ran);
                pool.submit(move || ran.fetch_add(1, SeqCst))
            })
            .collect();
        // From the end: the canceller meets the threads somewhere.
        let cancelled = futures
            .iter()
            .rev()
            .filter(|future| future.cancel())
            .count();
        pool.shutdown(true);
        assert_eq!(ran.load(SeqCst) + cancelled, TASKS);
        assert_eq!(
            futures.iter().filter(|future| future.cancelled()).count(),
            cancelled
        );
    });
}

#[test]
fn a_task_of_a_process_is_either_run_or_cancelled() {
    within(60, || {
        const TASKS: usize = 20_000;
        let (pool, ran) = (ProcessPoolExecutor::new(2), Value::new(0));
        let futures: Vec<_> = (0..TASKS)
            .map(|_| {
                let ran = ran.clone();
                pool.submit(move || *ran.get_lock() += 1)
            })
            .collect();
        let cancelled = futures
            .iter()
            .rev()
            .filter(|future| future.cancel())
            .count();
        pool.shutdown(true);
        assert_eq!(ran.get() + cancelled, TASKS);
        assert!(futures.iter().all(Future::done));
    });
}

#[test]
fn more_tasks_than_there_are_slots_and_one_that_outlives_them() {
    within(60, || {
        const TASKS: u64 = 150_000;
        let (pool, go) = (ProcessPoolExecutor::new(2), Event::new());
        let gate = go.clone();
        let long = pool.submit(move || gate.wait());
        let sum: u64 = pool.map(|n| n, 0..TASKS).map(Result::unwrap).sum();
        assert_eq!(sum, TASKS * (TASKS - 1) / 2);
        assert!(long.running());
        go.set();
        assert_eq!(long.result(), Ok(()));
    });
}

#[test]
fn workers_that_are_killed_one_after_the_other_lose_one_task_each() {
    within(60, || {
        const KILLS: usize = 30;
        let pool = ProcessPoolExecutor::new(3);
        let (started, victim) = (Semaphore::new(0), Value::new(0_u32));
        for round in 0..KILLS {
            let doomed = {
                let (started, victim) = (started.clone(), victim.clone());
                pool.submit(move || {
                    victim.set(std::process::id());
                    started.release();
                    sleep_for_ever();
                })
            };
            let others: Vec<_> = (0..20).map(|n| pool.submit(move || n + round)).collect();
            started.acquire();
            // SAFETY: the process is a worker of this pool, and runs the task that sleeps.
            unsafe { libc::kill(victim.get() as libc::pid_t, libc::SIGKILL) };
            let message = error_of(doomed.result());
            assert!(message.contains("was killed by signal 9"), "{message}");
            for (n, other) in others.iter().enumerate() {
                assert_eq!(other.result(), Ok(n + round));
            }
        }
        pool.shutdown(true);
        until(|| active_children().is_empty());
    });
}

#[test]
fn calls_survive_workers_that_are_killed_at_any_moment() {
    within(60, || {
        const CALLS: u64 = 3000;
        let pool = ProcessPoolExecutor::new(2);
        let (mut done, mut lost) = (0, 0);
        for n in 0..CALLS {
            let call = pool.submit_fn(|n: u64| n + 1, n);
            if n % 20 == 0
                && let Some(worker) = active_children().first()
            {
                // An error means that it has exited already.
                let _ = worker.kill();
            }
            match call.result() {
                Ok(value) => {
                    assert_eq!(value, n + 1);
                    done += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains("was killed by signal 9"));
                    lost += 1;
                }
            }
        }
        assert!(done + lost == CALLS && lost <= CALLS / 20);
        pool.shutdown(true);
        until(|| active_children().is_empty());
    });
}

/// Four threads put 100000 items and four take them; the queue is shut down in the middle.
macro_rules! shut_down_in_the_middle {
    ($test:ident, $queue:expr) => {
        #[test]
        fn $test() {
            within(60, || {
                const EACH: usize = 25_000;
                let q = $queue;
                let put: Vec<_> = (0..4)
                    .map(|thread| {
                        let q = q.clone();
                        thread::spawn(move || {
                            let items = (0..EACH).map(|n| thread * EACH + n);
                            items.take_while(|&n| q.put(n).is_ok()).count()
                        })
                    })
                    .collect();
                let taken = Arc::new(AtomicUsize::new(0));
                let get: Vec<_> = (0..4)
                    .map(|_| {
                        let (q, taken) = (q.clone(), Arc::clone(&taken));
                        thread::spawn(move || {
                            let mut items = Vec::new();
                            loop {
                                match q.get() {
                                    Ok(item) => items.push(item),
                                    Err(error) => {
                                        assert_eq!(error, GetError::ShutDown);
                                        return items;
                                    }
                                }
                                taken.fetch_add(1, SeqCst);
                                q.task_done().unwrap();
                            }
                        })
                    })
                    .collect();
                until(|| taken.load(SeqCst) > EACH);
                q.shutdown(false);
                let put: usize = put.into_iter().map(|thread| thread.join().unwrap()).sum();
                let mut items: Vec<usize> = Vec::new();
                for thread in get {
                    items.extend(thread.join().unwrap());
                }
                q.join();
                let count = items.len();
                items.sort();
                items.dedup();
                assert_eq!((count, items.len()), (put, put), "each item once");
                assert!(put > EACH && q.empty());
            });
        }
    };
}

shut_down_in_the_middle!(
    a_queue_that_is_shut_down_loses_nothing,
    threadbook::queue::Queue::bounded(100)
);
shut_down_in_the_middle!(
    a_lifo_queue_that_is_shut_down_loses_nothing,
    LifoQueue::bounded(100)
);
shut_down_in_the_middle!(
    a_priority_queue_that_is_shut_down_loses_nothing,
    PriorityQueue::bounded(100)
);

#[test]
fn a_simple_queue_carries_a_hundred_thousand_items_of_each_thread_in_order() {
    within(60, || {
        const EACH: usize = 100_000;
        let q = SimpleQueue::new();
        let threads: Vec<_> = (0..2)
            .map(|thread| {
                let q = q.clone();
                thread::spawn(move || (0..EACH).for_each(|n| q.put((thread, n))))
            })
            .collect();
        let mut next = [0; 2];
        for _ in 0..2 * EACH {
            let (thread, n) = q.get();
            assert_eq!(n, next[thread]);
            next[thread] += 1;
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn callbacks_that_are_added_while_the_task_ends_are_each_called_once() {
    within(60, || {
        let pool = ThreadPoolExecutor::new(2);
        let calls = Arc::new(AtomicUsize::new(0));
        for _ in 0..10_000 {
            let future = pool.submit(|| ());
            for _ in 0..3 {
                let calls = Arc::clone(&calls);
                future.add_done_callback(move |_| {
                    calls.fetch_add(1, SeqCst);
                });
            }
        }
        pool.shutdown(true);
        assert_eq!(calls.load(SeqCst), 30_000);
    });
}

#[test]
fn threads_and_timers_by_the_thousand_leave_none_behind() {
    within(60, || {
        use threadbook::threading::{Thread, Timer, active_count};
        let count = Arc::new(Mutex::new(0));
        for _ in 0..10 {
            let threads: Vec<_> = (0..50)
                .map(|_| {
                    let count = Arc::clone(&count);
                    Thread::new(move || *count.lock().unwrap() += 1)
                })
                .collect();
            let timers: Vec<_> = (0..50).map(|_| Timer::new(LONG, || ())).collect();
            for thread in threads.iter().chain(timers.iter().map(|timer| &**timer)) {
                thread.start().unwrap();
            }
            timers.iter().for_each(Timer::cancel);
            for thread in threads.iter().chain(timers.iter().map(|timer| &**timer)) {
                thread.join().unwrap();
            }
        }
        assert_eq!((*count.lock().unwrap(), active_count()), (500, 1));
    });
}
