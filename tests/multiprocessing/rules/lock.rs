//! Lock.

use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(30);

#[test]
fn any_process_and_any_thread_may_release_it() {
    within(30, || {
        let lock = Lock::new();
        lock.acquire().unwrap();
        let other = lock.clone();
        assert_eq!(run(move || other.release()), Some(0));
        assert!(lock.try_acquire());
        let other = lock.clone();
        thread::spawn(move || other.release()).join().unwrap();
        assert!(lock.try_acquire());
    });
}

#[test]
fn release_of_a_free_one_is_an_error() {
    within(30, || {
        let lock = Lock::new();
        let too_often = "semaphore or lock released too many times";
        assert_eq!(panic_of(|| lock.release()), too_often);
        lock.acquire().unwrap();
        lock.release();
        assert_eq!(panic_of(|| lock.release()), too_often);
        assert!(lock.try_acquire(), "it is still a lock");
    });
}

#[test]
fn acquired_again_by_the_same_thread_it_deadlocks() {
    within(30, || {
        let lock = Lock::new();
        lock.acquire().unwrap();
        assert!(!lock.try_acquire());
        let p = start(move || {
            lock.release();
            lock.acquire().unwrap();
            lock.acquire().unwrap();
        });
        assert!(!p.join_timeout(Duration::from_millis(200)).unwrap());
        kill(&p);
    });
}

#[test]
fn acquire_says_whether_it_was_free_in_time_and_no_time_is_no_wait() {
    within(30, || {
        let lock = Lock::new();
        let in_child = lock.clone();
        let p = holding(move || in_child.acquire().unwrap());
        let began = Instant::now();
        assert_eq!(lock.acquire_timeout(SHORT), Ok(false));
        assert!(began.elapsed() >= SHORT);
        assert_eq!(lock.acquire_timeout(Duration::ZERO), Ok(false));
        lock.release();
        assert_eq!(lock.acquire_timeout(SHORT), Ok(true));
        kill(&p);
    });
}

#[test]
fn with_releases_it_at_the_end_also_after_a_panic() {
    within(30, || {
        let lock = Lock::new();
        drop(lock.lock());
        assert!(lock.try_acquire());
        lock.release();
        panic_of(|| {
            let _guard = lock.lock();
            panic!("under the lock");
        });
        assert!(lock.try_acquire());
    });
}

#[test]
fn an_owner_that_was_killed_is_an_error_that_names_it_and_the_lock_can_be_released() {
    within(30, || {
        let lock = Lock::new();
        let in_child = lock.clone();
        let p = holding(move || in_child.acquire().unwrap());
        kill(&p);
        let began = Instant::now();
        let error = lock.acquire().unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(5));
        let expected = format!(
            "{} (pid {}) exited while it held the lock",
            p.name(),
            p.pid().unwrap()
        );
        assert_eq!(error.to_string(), expected);
        lock.release();
        lock.acquire().unwrap();
    });
}

#[test]
fn repr_names_the_owner_if_it_is_this_process_and_says_who_else() {
    within(30, || {
        let (lock, me) = (Lock::new(), current_process().name().to_owned());
        assert_eq!(repr(&lock), "<Lock(owner=None)>");
        lock.acquire().unwrap();
        assert_eq!(repr(&lock), format!("<Lock(owner={me})>"));
        thread::scope(|s| {
            s.spawn(|| assert_eq!(repr(&lock), "<Lock(owner=SomeOtherThread)>"));
        });
        let in_child = lock.clone();
        let code = run(move || assert_eq!(repr(&in_child), "<Lock(owner=SomeOtherProcess)>"));
        assert_eq!(code, Some(0));
        lock.release();
        let named = thread::Builder::new().name("t1".into());
        let in_thread = move || {
            let _guard = lock.lock();
            assert_eq!(repr(&lock), format!("<Lock(owner={me}|t1)>"));
        };
        named.spawn(in_thread).unwrap().join().unwrap();
    });
}
