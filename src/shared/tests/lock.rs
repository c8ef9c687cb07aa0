use std::sync::Mutex;

use super::*;

#[test]
fn any_process_may_release() {
    let lock = Lock::new();
    lock.acquire().unwrap();
    let other = lock.clone();
    assert_eq!(run(move || other.release()), Some(0));
    assert!(lock.try_acquire());
    let other = lock.clone();
    thread::spawn(move || other.release()).join().unwrap();
    assert!(lock.try_acquire());
}

#[test]
fn release_of_a_free_lock_is_refused() {
    let lock = Lock::new();
    let message = message_of(|| lock.release());
    assert_eq!(message, "semaphore or lock released too many times");
    lock.acquire().unwrap();
    lock.release();
    message_of(|| lock.release());
    assert!(lock.try_acquire(), "it is still a lock");
}

#[test]
fn acquired_again_by_its_owner_it_waits() {
    let lock = Lock::new();
    lock.acquire().unwrap();
    assert!(!lock.try_acquire());
    assert_eq!(lock.acquire_timeout(SHORT), Ok(false));
}

#[test]
fn a_timeout_waits_that_long_and_no_time_is_no_wait() {
    let lock = Lock::new();
    let held = lock.clone();
    let p = holding(move || held.acquire().unwrap());
    let begin = Instant::now();
    assert_eq!(lock.acquire_timeout(SHORT), Ok(false));
    assert!(begin.elapsed() >= SHORT);
    assert_eq!(lock.acquire_timeout(Duration::ZERO), Ok(false));
    lock.release();
    assert_eq!(lock.acquire_timeout(Duration::MAX), Ok(true));
    p.kill().unwrap();
    join(&p);
}

#[test]
fn a_guard_releases_also_in_a_panic_and_a_forked_copy_does_not() {
    let lock: &'static Lock = Box::leak(Box::default());
    let message = message_of(|| {
        let _guard = lock.lock();
        panic!("under the lock");
    });
    assert_eq!(message, "under the lock");
    // The child drops its copy of the guard; the parent keeps its own.
    let kept: &'static Mutex<_> = Box::leak(Box::new(Mutex::new(Some(lock.lock()))));
    let code = run(move || {
        drop(kept.lock().unwrap().take());
        assert!(!lock.try_acquire());
    });
    assert_eq!(code, Some(0));
    drop(kept.lock().unwrap().take());
    assert!(lock.try_acquire());
}

#[test]
fn repr_is_pythons() {
    let lock = Lock::new();
    assert_eq!(repr(&lock), "<Lock(owner=None)>");
    let in_child = lock.clone();
    let code = run(move || {
        in_child.acquire().unwrap();
        let text = format!("<Lock(owner={})>", current_process().name());
        assert_eq!(repr(&in_child), text);
        thread::scope(|s| {
            s.spawn(|| assert_eq!(repr(&in_child), "<Lock(owner=SomeOtherThread)>"));
        });
        in_child.release();
        let named = thread::Builder::new().name("t1".into());
        let (lock, name) = (in_child.clone(), current_process().name().to_owned());
        let ask = move || {
            let _guard = lock.lock();
            assert_eq!(repr(&lock), format!("<Lock(owner={name}|t1)>"));
        };
        named.spawn(ask).unwrap().join().unwrap();
    });
    assert_eq!(code, Some(0));
    let held = lock.clone();
    let p = holding(move || held.acquire().unwrap());
    assert_eq!(repr(&lock), "<Lock(owner=SomeOtherProcess)>");
    p.kill().unwrap();
    join(&p);
}

#[test]
fn a_killed_owner_is_named_and_the_lock_can_be_mended() {
    let lock = Lock::new();
    let held = lock.clone();
    let mut p = Process::named("writer", move || {
        held.acquire().unwrap();
        // SAFETY: ends this very process.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    });
    p.start().unwrap();
    let pid = p.pid().unwrap();
    until(|| !p.is_alive());
    let begin = Instant::now();
    let error = lock.acquire().unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(
        error.to_string(),
        format!("writer (pid {pid}) ended while it held the lock")
    );
    assert_eq!(error.pid(), Some(pid));
    assert_eq!(lock.acquire_timeout(SHORT), Err(error.clone()));
    assert_eq!(message_of(|| lock.lock()), error.to_string());
    assert!(!lock.try_acquire());
    lock.release();
    lock.acquire().unwrap();
}

#[test]
fn all_who_wait_when_the_owner_is_killed_are_told() {
    let lock = Lock::new();
    let held = lock.clone();
    let owner = holding(move || held.acquire().unwrap());
    let waiters = [(); 3].map(|()| {
        let lock = lock.clone();
        start(move || assert!(lock.acquire().is_err()))
    });
    owner.kill().unwrap();
    join(&owner);
    for p in &waiters {
        assert_eq!(join(p), Some(0));
    }
}

#[test]
fn a_waiter_that_is_killed_takes_nothing_along() {
    let lock = Lock::new();
    lock.acquire().unwrap();
    let waiters = [(); 4].map(|()| {
        let lock = lock.clone();
        start(move || drop(lock.lock()))
    });
    waiters[0].kill().unwrap();
    waiters[2].kill().unwrap();
    lock.release();
    let codes = waiters.each_ref().map(join);
    assert_eq!((codes[1], codes[3]), (Some(0), Some(0)));
    assert!(lock.acquire_timeout(LONG).is_ok());
}

/// The id of a dead owner may be another thread's by now; when that began tells them apart.
#[cfg(target_os = "linux")]
#[test]
fn a_thread_with_the_id_of_a_dead_owner_does_not_hide_it() {
    let key = crate::os::thread_key();
    assert!(!crate::os::thread_has_ended(key));
    assert!(
        crate::os::thread_has_ended(key - (1 << 32)),
        "began a tick before"
    );
}
