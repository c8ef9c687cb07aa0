//! ProcessPoolExecutor, calls of functions: a worker that waits runs them.

use std::process::id;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use threadbook::prelude::*;

use crate::life::*;

fn pid_of_worker(pool: &ProcessPoolExecutor) -> u32 {
    pool.submit_fn(|()| id(), ()).result().unwrap()
}

#[test]
fn calls_one_after_the_other_run_in_the_same_worker() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(4);
        let pids = [(); 20].map(|()| pid_of_worker(&pool));
        assert!(pids.iter().all(|pid| *pid == pids[0]) && pids[0] != id());
        assert_eq!(active_children().len(), 1);
    });
}

#[test]
fn a_worker_keeps_its_statics_and_a_closure_sees_those_of_now() {
    within(30, || {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        let pool = ProcessPoolExecutor::new(2);
        CALLS.store(10, Relaxed);
        let count = |()| CALLS.fetch_add(1, Relaxed);
        let counts = [(); 3].map(|()| {
            CALLS.store(CALLS.load(Relaxed) + 100, Relaxed);
            pool.submit_fn(count, ()).result().unwrap()
        });
        assert_eq!(counts, [110, 111, 112]);
        assert_eq!(pool.submit(|| CALLS.load(Relaxed)).result(), Ok(310));
    });
}

#[test]
fn a_function_that_the_waiting_worker_does_not_have_gets_another_worker() {
    within(30, || {
        for workers in [1, 2] {
            let pool = ProcessPoolExecutor::new(workers);
            for n in 0..5_u64 {
                assert_eq!(pool.submit_fn(|n| n + 1, n).result(), Ok(n + 1));
                assert_eq!(pool.submit_fn(|n| n * n, n).result(), Ok(n * n));
                let text = n.to_string();
                assert_eq!(
                    pool.submit_fn(|text: String| text + "!", text).result(),
                    Ok(format!("{n}!"))
                );
            }
            // One that has made room may still be exiting.
            until(|| active_children().len() <= workers);
        }
    });
}

#[test]
fn closures_get_the_place_of_a_worker_that_waits() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(1);
        for n in 0..20_u64 {
            let waiting = pid_of_worker(&pool);
            let (closure, own) = pool.submit(move || (n + 1, id())).result().unwrap();
            assert!(closure == n + 1 && own != waiting);
        }
    });
}

#[test]
fn calls_of_all_workers_run_at_once() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(3);
        pid_of_worker(&pool);
        let calls: Vec<_> = (0..2)
            .map(|_| pool.submit_fn(|()| sleep_for_ever(), ()))
            .collect();
        until(|| calls.iter().all(Future::running));
        assert_ne!(pid_of_worker(&pool), id());
        pool.kill_workers();
        for call in calls {
            assert!(error_of(call.result()).contains("was killed by signal 9"));
        }
    });
}

#[test]
fn many_calls_at_once_and_long_arguments_come_back() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(2);
        for round in 0..3 {
            let calls: Vec<_> = (0..5000_u64)
                .map(|n| pool.submit_fn(|n| n + 1, n))
                .collect();
            let sum: u64 = calls.iter().map(|call| call.result().unwrap()).sum();
            assert_eq!(sum, 5000 * 5001 / 2, "{round}");
        }
        for length in [60 * 1024, 60 * 1024 + 1, 1 << 20] {
            let bytes = vec![7_u8; length];
            assert_eq!(
                pool.submit_fn(|bytes: Vec<u8>| bytes.len(), bytes).result(),
                Ok(length)
            );
        }
    });
}

#[test]
fn a_call_that_panics_leaves_its_worker_waiting() {
    within(30, || {
        be_silent();
        let pool = ProcessPoolExecutor::new(1);
        let pid = pid_of_worker(&pool);
        for _ in 0..3 {
            let failed = pool.submit_fn(|n: i32| -> i32 { panic!("no {n}") }, 5);
            assert_eq!(error_of(failed.result()), "no 5");
        }
        let failed = pool.submit_fn(|n: i32| -> i32 { panic!("no {n}") }, 6);
        assert_eq!(error_of(failed.result()), "no 6");
        assert_ne!(
            pid_of_worker(&pool),
            pid,
            "the panic was of a newer function"
        );
    });
}

#[test]
fn a_worker_that_is_killed_in_a_call_fails_that_one() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(1);
        for n in 0..10_u64 {
            let call = |n: u64| match n % 2 {
                0 => n,
                _ => {
                    raise(libc::SIGKILL);
                    0
                }
            };
            assert_eq!(pool.submit_fn(call, 2 * n).result(), Ok(2 * n));
            let message = error_of(pool.submit_fn(call, 1).result());
            assert!(
                message.ends_with("was killed by signal 9 while it ran the task"),
                "{message}"
            );
        }
    });
}

#[test]
fn a_worker_that_is_killed_while_it_waits_takes_no_call_with_it() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(2);
        for _ in 0..30 {
            let pid = pid_of_worker(&pool);
            // SAFETY: the process is a worker of this pool, which waits.
            unsafe { libc::kill(pid as libc::pid_t, libc::SIGKILL) };
            assert_eq!(pool.submit_fn(|n| n + 1, 1).result(), Ok(2));
        }
    });
}

#[test]
fn max_tasks_per_child_counts_calls() {
    within(30, || {
        let pool = ProcessPoolExecutor::new(1).max_tasks_per_child(2);
        let pids = [(); 6].map(|()| pid_of_worker(&pool));
        for pid in pids {
            let uses = pids.iter().filter(|other| **other == pid).count();
            assert!(uses <= 2, "{pids:?}");
        }
    });
}

#[test]
fn a_waiting_worker_has_called_the_initializer_once() {
    within(30, || {
        let calls = Value::new(0);
        let in_worker = calls.clone();
        let pool = ProcessPoolExecutor::new(1).initializer(move || *in_worker.get_lock() += 1);
        for _ in 0..5 {
            pid_of_worker(&pool);
        }
        assert_eq!(calls.get(), 1);
    });
}

#[test]
fn calls_can_be_cancelled_and_shutdown_ends_the_workers_that_wait() {
    within(30, || {
        let (pool, go) = (ProcessPoolExecutor::new(1), Event::new());
        pid_of_worker(&pool);
        let gate = go.clone();
        let busy = pool.submit(move || gate.wait());
        let calls: Vec<_> = (0..10).map(|n| pool.submit_fn(|n: i32| n, n)).collect();
        until(|| busy.running());
        assert_eq!(
            calls.iter().step_by(2).filter(|call| call.cancel()).count(),
            5
        );
        go.set();
        assert_eq!(calls[1].result(), Ok(1));
        pool.shutdown(true);
        assert_eq!(calls.iter().filter(|call| call.cancelled()).count(), 5);
        until(|| active_children().is_empty());
    });
}

#[test]
fn an_argument_is_sent_as_serde_says_to_a_new_worker_and_to_one_that_waits() {
    within(30, || {
        use threadbook::serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
        /// Its cents are not sent.
        struct Price(u32);
        impl Serialize for Price {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.0 {
                    0 => Err(ser::Error::custom("it is free")),
                    cents => serializer.serialize_u32(cents / 100),
                }
            }
        }
        impl<'de> Deserialize<'de> for Price {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match u32::deserialize(deserializer)? {
                    13 => Err(de::Error::custom("no one pays that")),
                    whole => Ok(Self(whole * 100)),
                }
            }
        }
        let pool = ProcessPoolExecutor::new(1);
        let pay = |price| {
            pool.submit_fn(|price: Price| price.0, Price(price))
                .result()
        };
        for _ in 0..2 {
            assert_eq!(pay(250), Ok(200));
            assert!(pay(0).unwrap_err().to_string().contains("cannot serialize"));
            assert!(
                pay(1300)
                    .unwrap_err()
                    .to_string()
                    .contains("its argument cannot be read back")
            );
        }
        assert_eq!(pay(99), Ok(0));
    });
}
