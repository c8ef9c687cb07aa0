use super::*;

#[test]
fn its_owner_may_acquire_it_again_and_must_release_it_as_often() {
    let lock = RLock::new();
    lock.acquire().unwrap();
    assert!(lock.try_acquire());
    assert_eq!(lock.acquire_timeout(SHORT), Ok(true));
    let other = lock.clone();
    let free = move || {
        let other = other.clone();
        thread::spawn(move || other.try_acquire().then(|| other.release()).is_some())
            .join()
            .unwrap()
    };
    for _ in 0..3 {
        assert!(!free());
        lock.release();
    }
    assert!(free());
}

#[test]
fn release_by_another_is_refused() {
    let lock = RLock::new();
    let expected = "attempt to release recursive lock not owned by thread";
    assert_eq!(message_of(|| lock.release()), expected);
    lock.acquire().unwrap();
    let other = lock.clone();
    assert_eq!(
        run(move || assert_eq!(message_of(|| other.release()), expected)),
        Some(0)
    );
    thread::scope(|s| {
        s.spawn(|| assert_eq!(message_of(|| lock.release()), expected));
    });
    lock.release();
}

#[test]
fn a_child_does_not_have_the_lock_of_its_parent() {
    let lock = RLock::new();
    let _guard = lock.lock();
    let in_child = lock.clone();
    let code = run(move || {
        assert!(!in_child.try_acquire());
        assert_eq!(repr(&in_child), "<RLock(SomeOtherProcess, nonzero)>");
    });
    assert_eq!(code, Some(0));
}

#[test]
fn repr_is_pythons() {
    let lock = RLock::new();
    assert_eq!(repr(&lock), "<RLock(None, 0)>");
    let code = run(move || {
        let name = current_process().name().to_owned();
        let (_one, _two) = (lock.lock(), lock.lock());
        assert_eq!(repr(&lock), format!("<RLock({name}, 2)>"));
        thread::scope(|s| {
            s.spawn(|| assert_eq!(repr(&lock), "<RLock(SomeOtherThread, nonzero)>"));
        });
    });
    assert_eq!(code, Some(0));
}

#[test]
fn a_killed_owner_is_named() {
    let lock = RLock::new();
    let held = lock.clone();
    let p = holding(move || {
        held.acquire().unwrap();
        held.acquire().unwrap();
    });
    p.kill().unwrap();
    join(&p);
    let error = lock.acquire().unwrap_err();
    assert_eq!(error.pid(), p.pid());
}
