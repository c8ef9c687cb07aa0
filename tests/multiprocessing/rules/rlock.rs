//! RLock.

use std::thread;

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn its_owner_may_acquire_it_again_and_releases_it_as_often() {
    within(30, || {
        let lock = RLock::new();
        lock.acquire().unwrap();
        assert!(lock.try_acquire());
        lock.acquire().unwrap();
        for _ in 0..3 {
            let other = lock.clone();
            assert_eq!(run(move || assert!(!other.try_acquire())), Some(0));
            lock.release();
        }
        let other = lock.clone();
        assert_eq!(run(move || drop(other.lock())), Some(0));
    });
}

#[test]
fn release_by_another_is_an_error() {
    within(30, || {
        let lock = RLock::new();
        let not_owned = "attempt to release recursive lock not owned by thread";
        assert_eq!(panic_of(|| lock.release()), not_owned);
        lock.acquire().unwrap();
        let other = lock.clone();
        let code = run(move || assert_eq!(panic_of(|| other.release()), not_owned));
        assert_eq!(code, Some(0));
        thread::scope(|s| {
            s.spawn(|| assert_eq!(panic_of(|| lock.release()), not_owned));
        });
        lock.release();
    });
}

#[test]
fn a_child_does_not_have_the_lock_of_its_parent() {
    within(30, || {
        let lock = RLock::new();
        lock.acquire().unwrap();
        let in_child = lock.clone();
        let p = start(move || {
            assert!(!in_child.try_acquire());
            in_child.acquire().unwrap();
            assert!(repr(&in_child).ends_with(", 1)>"));
        });
        assert!(
            !p.join_timeout(std::time::Duration::from_millis(50))
                .unwrap()
        );
        lock.release();
        assert_eq!(end_of(&p), Some(0));
    });
}

#[test]
fn repr_tells_the_owner_and_how_often() {
    within(30, || {
        let (lock, me) = (RLock::new(), current_process().name().to_owned());
        assert_eq!(repr(&lock), "<RLock(None, 0)>");
        let (_one, _two) = (lock.lock(), lock.lock());
        assert_eq!(repr(&lock), format!("<RLock({me}, 2)>"));
        thread::scope(|s| {
            s.spawn(|| assert_eq!(repr(&lock), "<RLock(SomeOtherThread, nonzero)>"));
        });
        let in_child = lock.clone();
        let code = run(move || assert_eq!(repr(&in_child), "<RLock(SomeOtherProcess, nonzero)>"));
        assert_eq!(code, Some(0));
    });
}

#[test]
fn an_owner_that_was_killed_is_an_error_that_names_it() {
    within(30, || {
        let lock = RLock::new();
        let in_child = lock.clone();
        let p = holding(move || {
            in_child.acquire().unwrap();
            in_child.acquire().unwrap();
        });
        kill(&p);
        assert_eq!(lock.acquire().unwrap_err().pid(), p.pid());
    });
}
