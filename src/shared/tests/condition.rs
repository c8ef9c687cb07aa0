use super::*;

/// Processes that wait, each until it is notified once.
fn waiting<const N: usize>(condition: &Condition) -> [Process; N] {
    let processes = [(); N].map(|()| {
        let condition = condition.clone();
        start(move || {
            let _guard = condition.lock();
            condition.wait().unwrap();
        })
    });
    until(|| repr(condition).ends_with(&format!(", {N})>")));
    processes
}

#[test]
fn notify_wakes_as_many_as_it_is_told() {
    let condition = Condition::new();
    let processes: [_; 4] = waiting(&condition);
    let left = |n: usize| until(|| processes.iter().filter(|p| p.is_alive()).count() == n);
    let notify = |n| {
        let _guard = condition.lock();
        condition.notify(n);
    };
    notify(1);
    left(3);
    assert!(repr(&condition).ends_with(", 3)>"));
    notify(2);
    left(1);
    {
        let _guard = condition.lock();
        condition.notify_all();
    }
    left(0);
    assert_eq!(processes.each_ref().map(join), [Some(0); 4]);
}

#[test]
fn a_notification_is_not_kept_for_later() {
    let condition = Condition::new();
    let _guard = condition.lock();
    condition.notify(1);
    condition.notify_all();
    assert_eq!(condition.wait_timeout(SHORT), Ok(false));
}

#[test]
fn one_that_waits_later_does_not_take_the_notification_of_one_that_waits() {
    let (condition, turn) = (Condition::new(), Value::new(0));
    let players = [0, 1].map(|me| {
        let (condition, turn) = (condition.clone(), turn.clone());
        start(move || {
            let _guard = condition.lock();
            for _ in 0..2000 {
                condition.wait_for(|| turn.get() % 2 == me).unwrap();
                *turn.get_lock() += 1;
                condition.notify(1);
            }
        })
    });
    assert_eq!(players.each_ref().map(join), [Some(0); 2]);
    assert_eq!(turn.get(), 4000);
}

#[test]
fn wait_and_notify_need_the_lock() {
    let condition = Condition::new();
    assert_eq!(
        message_of(|| condition.wait()),
        "must acquire() condition before using wait()"
    );
    assert_eq!(message_of(|| condition.notify(1)), "lock is not owned");
    assert_eq!(message_of(|| condition.notify_all()), "lock is not owned");
    message_of(|| condition.release());
}

#[test]
fn wait_releases_a_reentrant_lock_in_full_and_takes_it_back_as_often() {
    let condition = Condition::new();
    let (_outer, _inner) = (condition.lock(), condition.lock());
    let other = condition.clone();
    let p = start(move || {
        let _guard = other.lock();
        other.notify(1);
    });
    assert_eq!(condition.wait_timeout(LONG), Ok(true));
    assert!(repr(&condition).contains(", 2)>"), "{condition:?}");
    assert_eq!(join(&p), Some(0));
}

#[test]
fn wait_for_gives_what_was_true_at_last() {
    let condition = Condition::with_lock(&Lock::new());
    let _guard = condition.lock();
    assert_eq!(condition.wait_for_timeout(|| false, SHORT), Ok(false));
    assert_eq!(condition.wait_for_timeout(|| true, SHORT), Ok(true));
    assert_eq!(condition.wait_for(|| true), Ok(()));
}

#[test]
fn a_waiter_that_is_killed_takes_no_notification_along() {
    let condition = Condition::new();
    let processes: [_; 2] = waiting(&condition);
    // Either may be the first in the queue.
    processes[0].kill().unwrap();
    join(&processes[0]);
    let _guard = condition.lock();
    condition.notify(1);
    drop(_guard);
    assert_eq!(join(&processes[1]), Some(0));
}

#[test]
fn a_lock_owner_that_is_killed_is_named_to_the_waiter() {
    let condition = Condition::new();
    let processes: [_; 1] = waiting(&condition);
    let other = condition.clone();
    let owner = holding(move || {
        other.acquire().unwrap();
        other.notify_all();
    });
    owner.kill().unwrap();
    join(&owner);
    assert_eq!(join(&processes[0]), Some(1), "`wait` is an error");
    assert_eq!(condition.acquire().unwrap_err().pid(), owner.pid());
}

#[test]
fn repr_is_pythons() {
    assert_eq!(repr(&Condition::new()), "<Condition(<RLock(None, 0)>, 0)>");
    let with_lock = Condition::with_lock(&Lock::new());
    assert_eq!(repr(&with_lock), "<Condition(<Lock(owner=None)>, 0)>");
}
