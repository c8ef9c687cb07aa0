//! Value and Array, with a lock and without.

use super::*;

#[test]
fn threads_and_processes_share_one_lock() {
    let value = Value::new(0u64);
    let add = |value: &Value<u64>| {
        for _ in 0..10_000 {
            let guard = value.get_lock();
            value.set(value.get() + 1);
            drop(guard);
        }
    };
    let in_child = value.clone();
    let p = start(move || add(&in_child));
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| add(&value));
        }
    });
    p.join().unwrap();
    assert_eq!(value.get(), 30_000);
}

#[test]
fn a_clone_and_a_child_see_one_array() {
    let array = Array::from([1.5, 2.5]);
    let clone = array.clone();
    let p = start(move || {
        clone.get_lock()[0] = -1.0;
        clone.set(1, 0.0);
    });
    p.join().unwrap();
    assert_eq!(array.to_vec(), [-1.0, 0.0]);
    assert!(array.iter().eq([-1.0, 0.0]));
    assert_eq!(array.iter().len(), 2);
}

#[test]
fn plain_types_of_every_kind() {
    assert_eq!(Array::<char>::zeroed(1).to_vec(), ['\0']);
    assert_eq!(Array::<bool>::zeroed(2).to_vec(), [false; 2]);
    assert_eq!(Array::from(vec![u128::MAX]).get(0), u128::MAX);
    let mixed = Value::new((1u8, -1i64, [0.5f32; 3]));
    assert_eq!(mixed.get(), (1, -1, [0.5; 3]));
    let empty = Array::<i32>::zeroed(0);
    assert!(empty.is_empty() && empty.to_vec().is_empty());
    assert_eq!(Array::from_iter(1..4).len(), 3);
    assert_eq!(format!("{:?}", Value::new('a')), "Value('a')");
    assert_eq!(repr(&Array::from(&[true])), "Array([True])");
}

#[test]
fn an_index_out_of_range_is_named() {
    let array = Array::from([1, 2, 3]);
    let message = "Array index out of range: the index is 3, the length 3";
    assert_eq!(message_of(|| array.get(3)), message);
    assert_eq!(message_of(|| array.set(3, 0)), message);
    // Neither has left the array locked.
    let clone = array.clone();
    let p = start(move || clone.set(0, 9));
    p.join().unwrap();
    assert_eq!(array.get(0), 9);
}

#[test]
fn more_than_there_is_memory_is_refused() {
    assert!(
        message_of(|| Array::<u64>::zeroed(usize::MAX))
            .starts_with("no shared memory for this Array")
    );
    assert!(
        message_of(|| Array::<u8>::zeroed(1 << 60)).starts_with("no shared memory for this Array")
    );
}

#[test]
fn the_lock_is_reentrant() {
    let value = Value::new(1);
    let outer = value.get_lock();
    let inner = value.get_lock();
    value.set(value.get() + 1);
    assert_eq!((*outer, *inner, value.get()), (2, 2, 2));
    drop(outer);
    let clone = value.clone();
    let other = thread::spawn(move || *clone.get_lock() += 1);
    assert_eq!(*inner, 2);
    drop(inner);
    other.join().unwrap();
    assert_eq!(value.get(), 3);
}

#[test]
fn a_guard_in_use_is_not_gone_behind() {
    let value = Value::new(1);
    let mut guard = value.get_lock();
    assert_eq!(*guard, 1);
    assert!(message_of(|| value.set(2)).contains("write the Value through that guard"));
    *guard += 1;
    assert!(message_of(|| value.get()).contains("read the Value through that guard"));
    assert!(message_of(|| *value.get_lock() += 1).contains("drop it first"));
    drop(guard);
    value.set(value.get() + 1);
    assert_eq!(value.get(), 3);
}

#[test]
fn a_guard_that_a_child_inherits_is_refused_there_and_unlocks_nothing() {
    let value: &'static Value<i32> = Box::leak(Box::new(Value::new(0)));
    let guard = value.get_lock();
    let p = start(move || {
        let message = message_of(|| *guard);
        assert!(message.contains("call get_lock in this process too"));
        drop(guard);
    });
    p.join().unwrap();
    assert_eq!(p.exitcode(), Some(0));
    // `start` has dropped the parent's copy of the closure, and the guard with it.
    *value.get_lock() += 1;
    assert_eq!(value.get(), 1);
}

#[test]
fn an_owner_that_was_killed_is_reported_soon() {
    let value = Value::new(0);
    let locked = Value::new(false);
    let (in_child, tell) = (value.clone(), locked.clone());
    let p = start(move || {
        let _guard = in_child.get_lock();
        tell.set(true);
        // SAFETY: ends this very process.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    });
    let pid = p.pid().unwrap();
    // The owner stays a zombie here: no one has joined it yet.
    let start = Instant::now();
    let message = loop {
        if locked.get() {
            break message_of(|| value.get());
        }
        assert!(start.elapsed() < Duration::from_secs(20));
        thread::yield_now();
    };
    assert!(start.elapsed() < Duration::from_secs(20));
    let expected = format!("{} (pid {pid}) exited while it held the lock", p.name());
    assert!(message.ends_with(&expected), "{message}");
    p.join().unwrap();
    assert_eq!(p.exitcode(), Some(-9));
    // Reported again, even when the owner is no longer a zombie.
    assert!(message_of(|| value.set(1)).contains("exited while it held the lock"));
}

#[test]
fn an_owner_thread_that_ended_is_reported() {
    let value = Value::new(0);
    let clone = value.clone();
    thread::spawn(move || std::mem::forget(clone.get_lock()))
        .join()
        .unwrap();
    let message = message_of(|| value.get());
    assert!(
        message.contains(&format!(
            "of MainProcess (pid {}) exited",
            std::process::id()
        )),
        "{message}"
    );
}

#[test]
fn a_panic_under_the_lock_unlocks() {
    let value = Value::new(0);
    message_of(|| {
        *value.get_lock() = 5;
        let _guard = value.get_lock();
        panic!("under the lock");
    });
    let clone = value.clone();
    assert_eq!(thread::spawn(move || clone.get()).join().unwrap(), 5);
}

#[test]
fn without_a_lock_a_number_is_shared_and_updates_can_be_lost() {
    let value = Value::unlocked(1.5);
    let in_child = value.clone();
    assert_eq!(run(move || in_child.set(in_child.get() * 2.0)), Some(0));
    assert_eq!(value.get(), 3.0);
    assert_eq!(format!("{value:?}"), "RawValue(3.0)");

    let (flag, letter) = (RawValue::new(true), RawValue::new('a'));
    flag.set(false);
    letter.set('\u{1F980}');
    assert_eq!((flag.get(), letter.get()), (false, '\u{1F980}'));

    // Two processes that alternate between `get` and `set`: the second `set` undoes the first.
    let number = Value::unlocked(0);
    let (in_child, has_read, has_written) = (number.clone(), Event::new(), Event::new());
    let (tell, go_on) = (has_read.clone(), has_written.clone());
    let p = start(move || {
        let seen = in_child.get();
        tell.set();
        go_on.wait();
        in_child.set(seen + 1);
    });
    assert!(has_read.wait_timeout(LONG));
    number.set(number.get() + 1);
    has_written.set();
    assert_eq!(join(&p), Some(0));
    assert_eq!(number.get(), 1);
}

#[test]
fn an_array_without_a_lock_is_shared() {
    let array = Array::unlocked([1i8, -2, 3]);
    let in_child = array.clone();
    assert_eq!(run(move || in_child.set(2, -128)), Some(0));
    assert_eq!(array.to_vec(), [1, -2, -128]);
    assert_eq!((array.len(), array.is_empty()), (3, false));
    let message = "RawArray index out of range: the index is 3, the length 3";
    assert_eq!(message_of(|| array.get(3)), message);
    assert_eq!(RawArray::<u64>::zeroed(2).to_vec(), [0, 0]);
    assert!(RawArray::<bool>::zeroed(0).is_empty());
    assert!(message_of(|| RawArray::<u64>::zeroed(usize::MAX)).starts_with("no shared memory"));
}
