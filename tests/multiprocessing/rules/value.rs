//! Value and Array.

use std::thread;

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn a_value_has_a_lock_that_its_owner_may_take_again() {
    within(30, || {
        let value = Value::new(1);
        let guard = value.get_lock();
        value.set(value.get() + 1);
        let in_child = value.clone();
        let p = start(move || *in_child.get_lock() *= 10);
        assert!(
            !p.join_timeout(std::time::Duration::from_millis(50))
                .unwrap(),
            "it waits for the lock"
        );
        drop(guard);
        assert_eq!((end_of(&p), value.get()), (Some(0), 20));
    });
}

#[test]
fn get_and_set_take_the_lock_each_so_that_a_sum_of_both_is_not_atomic() {
    within(30, || {
        let value = Value::new(0);
        let seen = value.get();
        let other = value.clone();
        assert_eq!(run(move || other.set(10)), Some(0));
        value.set(seen + 1);
        assert_eq!(value.get(), 1, "the other's update is lost");
    });
}

#[test]
fn under_get_lock_no_update_is_lost() {
    within(30, || {
        let value = Value::new(0);
        join_all([(); 4].map(|()| {
            let value = value.clone();
            start(move || (0..25_000).for_each(|_| *value.get_lock() += 1))
        }));
        assert_eq!(value.get(), 100_000);
    });
}

#[test]
fn without_a_lock_a_value_is_shared_too_and_waits_for_no_one() {
    within(30, || {
        let value = Value::unlocked(1.5);
        let in_child = value.clone();
        assert_eq!(run(move || in_child.set(in_child.get() * 2.0)), Some(0));
        assert_eq!(value.get(), 3.0);
    });
}

#[test]
fn a_value_keeps_the_width_of_its_type() {
    within(30, || {
        let value = Value::new(i32::MAX);
        let next = value.get().wrapping_add(1);
        value.set(next);
        assert_eq!(value.get(), i32::MIN);
        assert_eq!(Value::new(u8::MAX).get(), 255);
    });
}

#[test]
fn an_array_is_zeros_or_copies_a_list_and_its_length_is_fixed() {
    within(30, || {
        assert_eq!(Array::<i32>::zeroed(5).to_vec(), [0; 5]);
        let array = Array::from([1.5, 2.5]);
        assert_eq!((array.len(), array.to_vec()), (2, vec![1.5, 2.5]));
        let message = "Array index out of range: the index is 2, the length 2";
        assert_eq!(panic_of(|| array.set(2, 0.0)), message);
        assert_eq!(panic_of(|| array.get(2)), message);
    });
}

#[test]
fn an_array_is_read_as_a_list_and_by_index_and_an_element_takes_the_lock() {
    within(30, || {
        let array = Array::from([1, 2, 3]);
        let in_child = array.clone();
        let guard = array.get_lock();
        let p = start(move || in_child.set(0, in_child.get(0) + 10));
        assert!(
            !p.join_timeout(std::time::Duration::from_millis(50))
                .unwrap(),
            "it waits for the lock"
        );
        drop(guard);
        assert_eq!(end_of(&p), Some(0));
        assert_eq!(array.to_vec(), [11, 2, 3]);
        assert!(array.iter().eq((0..array.len()).map(|i| array.get(i))));
    });
}

#[test]
fn an_array_without_a_lock_is_shared_too() {
    within(30, || {
        let array = Array::unlocked([1_i8, -2, 3]);
        let in_child = array.clone();
        assert_eq!(run(move || in_child.set(2, -128)), Some(0));
        assert_eq!(array.to_vec(), [1, -2, -128]);
    });
}

#[test]
fn a_value_reaches_a_process_by_inheritance_and_a_grandchild_too() {
    within(30, || {
        let value = Value::new(0);
        let in_child = value.clone();
        let code = run(move || {
            let in_grandchild = in_child.clone();
            assert_eq!(run(move || in_grandchild.set(7)), Some(0));
        });
        assert_eq!((code, value.get()), (Some(0), 7));
    });
}

#[test]
fn repr_shows_the_value() {
    within(30, || {
        assert_eq!(repr(&Value::new(5)), "Value(5)");
        assert_eq!(repr(&Array::from([true])), "Array([True])");
        assert_eq!(repr(&Value::unlocked('a')), "RawValue('a')");
    });
}

#[test]
fn the_lock_of_a_killed_process_is_an_error_that_names_it() {
    within(30, || {
        let value: &'static Value<i32> = Box::leak(Box::new(Value::new(0)));
        let p = holding(|| value.get_lock());
        let waiter = thread::spawn(|| panic_of(|| value.get()));
        kill(&p);
        let message = waiter.join().unwrap();
        let expected = format!(
            "{} (pid {}) exited while it held the lock",
            p.name(),
            p.pid().unwrap()
        );
        assert!(message.ends_with(&expected), "{message}");
    });
}
