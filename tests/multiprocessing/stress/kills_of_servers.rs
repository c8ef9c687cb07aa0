//! SIGKILL for the workers of a pool, for a manager and for its clients: an error in bounded time, and the others go on.

use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

/// The time within which a kill must be noticed.
const SOON: Duration = Duration::from_secs(5);
/// The time for a process to get into the middle of what it does.
const MOMENT: Duration = Duration::from_millis(50);

#[test]
fn a_killed_manager_is_an_error_at_once_also_for_those_who_wait() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let (q, list) = (manager.queue::<i32>().unwrap(), manager.list([1]).unwrap());
        let waiting = start(move || assert!(matches!(q.get(), Err(ManagerError::Ended(_)))));
        thread::sleep(MOMENT);
        // SAFETY: sends a signal to a child.
        unsafe { libc::kill(manager.pid() as libc::pid_t, libc::SIGKILL) };
        let began = Instant::now();
        join_all([waiting]);
        for _ in 0..2 {
            let error = list.append(2).unwrap_err();
            assert!(
                error.to_string().starts_with("the manager has exited"),
                "{error}"
            );
        }
        assert!(matches!(manager.list([1]), Err(ManagerError::Ended(_))));
        assert!(began.elapsed() < SOON);
    });
}

#[test]
fn the_owner_of_a_managers_lock_that_is_killed_is_an_error() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let lock = manager.lock().unwrap();
        let in_child = lock.clone();
        let owner = holding(move || in_child.acquire().unwrap());
        assert!(!lock.acquire_timeout(MOMENT).unwrap());
        kill(&owner);
        let began = Instant::now();
        match lock.acquire() {
            Err(ManagerError::OwnerDied { pid }) => assert_eq!(Some(pid), owner.pid()),
            other => panic!("{other:?}"),
        }
        assert!(began.elapsed() < SOON);
    });
}

#[test]
fn a_client_of_a_manager_that_is_killed_while_it_waits_takes_nothing() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let q = manager.queue().unwrap();
        let in_child = q.clone();
        let waiting = start(move || drop(in_child.get()));
        thread::sleep(MOMENT);
        kill(&waiting);
        q.put(5).unwrap();
        assert_eq!(q.get_timeout(SOON).unwrap(), 5);
    });
}

#[test]
fn a_worker_that_is_killed_fails_its_call_at_once() {
    within(30, || {
        let (pool, began) = (Pool::new(2), Instant::now());
        let result = pool.map_chunks(
            |n| match n {
                0 => sleep_for_ever(),
                3 => raise(libc::SIGKILL),
                _ => {}
            },
            0..100,
            1,
        );
        assert!(
            began.elapsed() < SOON,
            "it does not wait for the other worker"
        );
        match result {
            Err(PoolError::WorkerDied { exitcode, .. }) => assert_eq!(exitcode, Some(-9)),
            other => panic!("{other:?}"),
        }
        assert_eq!(pool.map(|n| n + 1, [1]).unwrap(), [2], "the pool goes on");
    });
}

#[test]
fn a_worker_that_exits_fails_its_call_too() {
    within(30, || {
        let pool = Pool::new(2);
        let codes = [0, 3].map(|code| match pool.map(|n| exit_at(n, code), 0..4) {
            Err(PoolError::WorkerDied { exitcode, .. }) => exitcode,
            other => panic!("{other:?}"),
        });
        assert_eq!(codes, [Some(0), Some(3)]);
        let last = pool.imap(|n| exit_at(n, 4), 0..2).unwrap().last();
        assert!(matches!(
            last,
            Some(Err(PoolError::WorkerDied {
                exitcode: Some(4),
                ..
            }))
        ));
    });
}

fn exit_at(n: i32, code: i32) -> i32 {
    match n {
        1 => std::process::exit(code),
        _ => n,
    }
}
