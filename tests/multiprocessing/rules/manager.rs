//! Manager.

use std::thread;
use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn its_process_is_named_sync_manager_and_is_a_child() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let children = active_children();
        assert_eq!(children.len(), 1);
        assert!(children[0].name().starts_with("SyncManager-"));
        assert_eq!(children[0].pid(), manager.pid());
    });
}

#[test]
fn it_ignores_ctrl_c() {
    within(30, || {
        let manager = Manager::new().unwrap();
        // SAFETY: sends a signal to a child.
        unsafe { libc::kill(manager.pid() as libc::pid_t, libc::SIGINT) };
        assert_eq!(manager.list([1]).unwrap().len().unwrap(), 1);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn each_thread_of_a_client_has_a_connection_and_a_thread_of_the_server() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([1]).unwrap();
        let tasks = format!("/proc/{}/task", manager.pid());
        let threads = || std::fs::read_dir(&tasks).unwrap().count();
        let before = threads();
        let (asked, go_on) = (Semaphore::new(0), Event::new());
        thread::scope(|s| {
            for _ in 0..3 {
                s.spawn(|| {
                    (0..5).for_each(|_| assert_eq!(list.len().unwrap(), 1));
                    asked.release();
                    go_on.wait();
                });
            }
            (0..3).for_each(|_| asked.acquire());
            assert_eq!(threads(), before + 3);
            go_on.set();
        });
        until(|| threads() == before);
    });
}

#[test]
fn print_shows_the_object_and_repr_the_proxy() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([("a".to_string(), 1.0)]).unwrap();
        assert_eq!(list.to_string(), "[('a', 1.0)]");
        assert!(repr(&list).starts_with("<ListProxy object, typeid 'list' at 0x"));
        assert_eq!(manager.dict([(1, true)]).unwrap().to_string(), "{1: True}");
    });
}

#[test]
fn a_slice_and_an_iterator_are_copies() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([1, 2]).unwrap();
        let (copy, numbers) = (list.to_vec().unwrap(), list.iter().unwrap());
        list.append(3).unwrap();
        assert_eq!((copy, numbers.collect()), (vec![1, 2], vec![1, 2]));
        assert_eq!(list.to_vec().unwrap(), [1, 2, 3]);
    });
}

#[test]
fn a_get_and_a_set_are_two_steps_so_that_a_sum_of_both_is_not_atomic() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([0]).unwrap();
        let seen = list.get(0).unwrap();
        let other = list.clone();
        assert_eq!(run(move || other.set(0, 10).unwrap()), Some(0));
        list.set(0, seen + 1).unwrap();
        assert_eq!(list.get(0).unwrap(), 1, "the other's update is lost");
    });
}

#[test]
fn under_its_lock_no_update_is_lost() {
    within(60, || {
        let manager = Manager::new().unwrap();
        let (lock, sum) = (manager.lock().unwrap(), manager.value(0).unwrap());
        join_all([(); 4].map(|()| {
            let (lock, sum) = (lock.clone(), sum.clone());
            start(move || {
                for _ in 0..200 {
                    let _guard = lock.lock().unwrap();
                    sum.set(sum.get().unwrap() + 1).unwrap();
                }
            })
        }));
        assert_eq!(sum.get().unwrap(), 800);
    });
}

#[test]
fn a_list_in_a_list_is_a_copy() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([vec![1]]).unwrap();
        list.get(0).unwrap().push(2);
        assert_eq!(list.to_vec().unwrap(), [[1]]);
    });
}

#[test]
fn errors_of_the_server_come_back_to_the_caller_and_the_server_goes_on() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([1]).unwrap();
        assert_eq!(error_of(list.get(1)), "list index out of range");
        assert_eq!(
            error_of(list.set(1, 0)),
            "list assignment index out of range"
        );
        assert!(matches!(list.remove(&4), Err(ManagerError::Value(_))));
        assert_eq!(list.pop().unwrap(), 1);
        assert_eq!(error_of(list.pop()), "pop from empty list");
        let dict = manager.dict([("a".to_string(), 1)]).unwrap();
        assert!(matches!(dict.get(&"b".into()), Err(ManagerError::Key(_))));
        let lock = manager.lock().unwrap();
        assert_eq!(error_of(lock.release()), "release unlocked lock");
        let names = manager.namespace().unwrap();
        let missing = names.get::<i32>("x");
        assert_eq!(error_of(missing), "'Namespace' object has no attribute 'x'");
    });
}

#[test]
fn its_end_shuts_the_server_down_and_calls_are_errors_then() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let (pid, list) = (manager.pid(), manager.list([1]).unwrap());
        drop(manager);
        assert!(!exists(pid));
        let error = list.append(2).unwrap_err();
        assert!(matches!(error, ManagerError::Ended(_)), "{error}");
    });
}

#[test]
fn a_server_that_does_not_end_by_itself_is_ended_after_a_second() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let pid = manager.pid();
        // SAFETY: stops a child, which then answers nothing.
        unsafe { libc::kill(pid as libc::pid_t, libc::SIGSTOP) };
        manager.shutdown();
        assert!(!exists(pid));
    });
}

#[test]
fn a_child_connects_for_itself_and_its_end_does_not_end_the_manager() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([1]).unwrap();
        let in_child = list.clone();
        let manager_in_child = std::sync::Arc::new(manager);
        let manager = std::sync::Arc::clone(&manager_in_child);
        let code = run(move || {
            in_child.append(2).unwrap();
            manager_in_child.shutdown();
        });
        assert_eq!((code, list.to_vec().unwrap()), (Some(0), vec![1, 2]));
        drop(manager);
    });
}

#[test]
fn a_queue_of_it_is_bounded_and_has_timeouts() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let q = manager.bounded_queue(1).unwrap();
        let short = Duration::from_millis(30);
        assert!(matches!(q.get_timeout(short), Err(ManagerError::Empty)));
        q.put(1).unwrap();
        assert!(matches!(q.put_timeout(2, short), Err(ManagerError::Full)));
        assert_eq!(q.get().unwrap(), 1);
    });
}
