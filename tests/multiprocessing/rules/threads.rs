//! Names of threads.

use std::thread;

use threadbook::prelude::*;

use crate::life::*;

fn name_in_a_thread() -> String {
    thread::spawn(thread_name).join().unwrap()
}

#[test]
fn the_main_thread_has_pythons_name_also_in_a_child() {
    within(30, || {
        assert_eq!(thread_name(), "MainThread");
        assert_eq!(run(|| assert_eq!(thread_name(), "MainThread")), Some(0));
    });
}

#[test]
fn only_threads_without_a_name_are_counted() {
    within(30, || {
        let first = number(&name_in_a_thread());
        let named = thread::Builder::new().name("loader".into());
        assert_eq!(named.spawn(thread_name).unwrap().join().unwrap(), "loader");
        assert_eq!(number(&name_in_a_thread()), first + 1);
    });
}

#[test]
fn the_count_is_not_reset_in_a_child() {
    within(30, || {
        let before = number(&name_in_a_thread());
        assert_eq!(
            run(move || assert_eq!(number(&name_in_a_thread()), before + 1)),
            Some(0)
        );
    });
}

fn number(name: &str) -> u64 {
    name.strip_prefix("Thread-").unwrap().parse().unwrap()
}
