//! The rules of Python's managers, and what happens when the server or a client is killed.

use std::os::unix::net::UnixListener;
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::ipc::testing::{end_of, join_all, kill, start, within};
use crate::prelude::{Pipe, Queue, repr};

const MOMENT: Duration = Duration::from_millis(50);

#[test]
fn every_method_of_a_list() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list(vec![3, 1, 2]).unwrap();
        list.append(9).unwrap();
        list.extend([5, 5]).unwrap();
        assert_eq!(list.to_vec().unwrap(), [3, 1, 2, 9, 5, 5]);
        list.sort().unwrap();
        assert_eq!(list.to_vec().unwrap(), [1, 2, 3, 5, 5, 9]);
        list.reverse().unwrap();
        list.insert(1, 7).unwrap();
        list.insert(100, 0).unwrap();
        assert_eq!(
            list.iter().unwrap().collect::<Vec<_>>(),
            [9, 7, 5, 5, 3, 2, 1, 0]
        );
        assert_eq!((list.pop().unwrap(), list.pop_at(1).unwrap()), (0, 7));
        list.remove(&5).unwrap();
        list.set(0, 8).unwrap();
        assert_eq!((list.get(0).unwrap(), list.index(&3).unwrap()), (8, 2));
        assert_eq!(
            (list.count(&5).unwrap(), list.contains(&4).unwrap()),
            (1, false)
        );
        assert_eq!(list.len().unwrap(), 5);
        list.clear().unwrap();
        assert!(list.is_empty().unwrap());
    });
}

#[test]
fn errors_of_the_server_come_back_to_the_caller() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([1]).unwrap();
        let text = |error: ManagerError| error.to_string();
        assert_eq!(text(list.get(1).unwrap_err()), "list index out of range");
        assert_eq!(
            text(list.set(1, 0).unwrap_err()),
            "list assignment index out of range"
        );
        assert_eq!(text(list.pop_at(3).unwrap_err()), "pop index out of range");
        assert!(matches!(list.remove(&4), Err(ManagerError::Value(_))));
        list.pop().unwrap();
        assert_eq!(text(list.pop().unwrap_err()), "pop from empty list");
        assert_eq!(
            text(manager.lock().unwrap().release().unwrap_err()),
            "release unlocked lock"
        );
        let dict = manager.dict([("a".to_string(), 1)]).unwrap();
        assert!(matches!(dict.get(&"b".into()), Err(ManagerError::Key(_))));
        let ns = manager.namespace().unwrap();
        let missing = ns.get::<i32>("x").unwrap_err();
        assert_eq!(text(missing), "'Namespace' object has no attribute 'x'");
    });
}

#[test]
fn a_proxy_prints_its_object_and_shows_itself() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([("a".to_string(), 1.0)]).unwrap();
        assert_eq!(list.to_string(), "[('a', 1.0)]");
        assert!(repr(&list).starts_with("<ListProxy object, typeid 'list' at 0x"));
        let dict = manager.dict([("k".to_string(), true)]).unwrap();
        assert_eq!(dict.to_string(), "{'k': True}");
        manager.shutdown();
        assert_eq!(
            list.to_string(),
            "<ListProxy object, typeid 'list'; '__str__()' failed>"
        );
    });
}

#[test]
fn a_dict_keeps_the_order_of_its_keys() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let dict = manager.dict([]).unwrap();
        for key in [5, 1, 3] {
            dict.set(key, key.to_string()).unwrap();
        }
        dict.set(1, "one".into()).unwrap();
        assert_eq!(dict.keys().unwrap(), [5, 1, 3]);
        assert_eq!(dict.values().unwrap(), ["5", "one", "3"]);
        assert_eq!(
            (dict.get(&1).unwrap(), dict.pop(&5).unwrap()),
            ("one".into(), "5".into())
        );
        assert!(!dict.contains_key(&5).unwrap());
        assert_eq!(dict.len().unwrap(), 2);
        dict.clear().unwrap();
        assert!(dict.is_empty().unwrap());
    });
}

#[test]
fn values_and_namespaces() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let value = manager.value("a".to_string()).unwrap();
        value.set("b".into()).unwrap();
        assert_eq!(
            (value.get().unwrap(), value.to_string()),
            ("b".into(), "'b'".into())
        );
        let ns = manager.namespace().unwrap();
        ns.set("x", 1).unwrap();
        ns.set("y", vec!["text".to_string()]).unwrap();
        assert_eq!(ns.get::<i32>("x").unwrap(), 1);
        assert_eq!(ns.get::<Vec<String>>("y").unwrap(), ["text"]);
        ns.delete("x").unwrap();
        assert!(matches!(ns.get::<i32>("x"), Err(ManagerError::Key(_))));
    });
}

#[test]
fn a_queue_waits_for_items_and_for_room() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let q = manager.bounded_queue(1).unwrap();
        assert!(matches!(q.get_nowait(), Err(ManagerError::Empty)));
        q.put(1).unwrap();
        assert!(matches!(q.put_nowait(2), Err(ManagerError::Full)));
        let began = Instant::now();
        assert!(matches!(q.put_timeout(2, MOMENT), Err(ManagerError::Full)));
        assert!(began.elapsed() >= MOMENT);
        let in_child = q.clone();
        let p = start(move || (2..100).for_each(|n| in_child.put(n).unwrap()));
        for n in 1..100 {
            assert_eq!(q.get().unwrap(), n);
        }
        join_all([p]);
        assert!(q.empty().unwrap());
    });
}

#[test]
fn processes_and_threads_append_at_once() {
    within(60, || {
        let manager = Manager::new().unwrap();
        let list = manager.list::<u32>([]).unwrap();
        let lock = manager.lock().unwrap();
        let sum = manager.value(0).unwrap();
        let all = (0..4).map(|n| {
            let (list, lock, sum) = (list.clone(), lock.clone(), sum.clone());
            start(move || {
                thread::scope(|s| {
                    for _ in 0..2 {
                        s.spawn(|| {
                            for _ in 0..250 {
                                list.append(n).unwrap();
                                let _guard = lock.lock().unwrap();
                                sum.set(sum.get().unwrap() + 1).unwrap();
                            }
                        });
                    }
                });
            })
        });
        join_all(all.collect::<Vec<_>>());
        assert_eq!((list.len().unwrap(), sum.get().unwrap()), (2000, 2000));
        for n in 0..4 {
            assert_eq!(list.count(&n).unwrap(), 500);
        }
    });
}

#[test]
fn a_proxy_can_be_sent_to_a_process_that_runs_already() {
    within(30, || {
        let (here, there) = Pipe::new::<Option<ListProxy<String>>>();
        let p = start(move || {
            let list = there.recv().unwrap().unwrap();
            list.append("from there".into()).unwrap();
            there.send(&None).unwrap();
        });
        let manager = Manager::new().unwrap();
        let list = manager.list([]).unwrap();
        here.send(&Some(list.clone())).unwrap();
        assert!(here.recv().unwrap().is_none());
        assert_eq!(list.to_vec().unwrap(), ["from there"]);
        join_all([p]);
    });
}

#[test]
fn messages_of_0_bytes_64_kib_and_100_mb() {
    within(60, || {
        let manager = Manager::new().unwrap();
        let value = manager.value(Vec::<u8>::new()).unwrap();
        assert!(value.get().unwrap().is_empty());
        for size in [4000, 64 << 10, 100_000_000] {
            value.set(vec![7; size]).unwrap();
            assert_eq!(value.get().unwrap(), vec![7; size]);
        }
    });
}

#[test]
fn a_killed_server_is_an_error_at_once() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let (q, list) = (manager.queue::<i32>().unwrap(), manager.list([1]).unwrap());
        let in_child = q.clone();
        let waiting = start(move || assert!(matches!(in_child.get(), Err(ManagerError::Ended(_)))));
        thread::sleep(MOMENT);
        kill(manager.pid());
        join_all([waiting]);
        for _ in 0..2 {
            let error = list.append(2).unwrap_err();
            assert!(matches!(error, ManagerError::Ended(_)), "{error}");
            assert!(error.to_string().starts_with("the manager has ended"));
        }
        assert!(matches!(manager.list([1]), Err(ManagerError::Ended(_))));
        manager.shutdown();
    });
}

#[test]
fn a_lock_whose_owner_was_killed_is_an_error() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let lock = manager.lock().unwrap();
        let ready = Queue::new();
        let (in_child, told) = (lock.clone(), ready.clone());
        let owner = start(move || {
            in_child.acquire().unwrap();
            told.put(()).unwrap();
            thread::sleep(Duration::from_secs(20));
        });
        ready.get().unwrap();
        assert!(!lock.acquire_timeout(MOMENT).unwrap());
        kill(owner.pid().unwrap());
        let pid = owner.pid().unwrap();
        match lock.acquire() {
            Err(ManagerError::OwnerDied { pid: by }) => assert_eq!(by, pid),
            other => panic!("{other:?}"),
        }
        end_of(&owner, 10);
    });
}

#[test]
fn a_client_that_was_killed_while_it_waited_takes_nothing() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let q = manager.queue().unwrap();
        let in_child = q.clone();
        let waiting = start(move || drop(in_child.get()));
        thread::sleep(MOMENT);
        kill(waiting.pid().unwrap());
        end_of(&waiting, 10);
        // The server looks every 50 ms.
        thread::sleep(3 * MOMENT);
        q.put(5).unwrap();
        assert_eq!(q.get_timeout(Duration::from_secs(5)).unwrap(), 5);
    });
}

#[test]
fn shutdown_and_drop_end_the_server() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let (pid, list) = (manager.pid(), manager.list([1]).unwrap());
        let address = Arc::clone(&manager.address);
        // SAFETY: signal 0 is not delivered.
        let exists = |pid: u32| unsafe { libc::kill(pid as i32, 0) == 0 };
        assert!(exists(pid));
        let began = Instant::now();
        manager.shutdown();
        assert!(began.elapsed() < Duration::from_millis(900), "by itself");
        assert!(!exists(pid));
        assert!(matches!(list.len(), Err(ManagerError::Ended(_))));
        assert!(endpoint::connect(&address).is_err());
        manager.shutdown();

        let second = Manager::new().unwrap();
        let pid = second.pid();
        drop(second);
        assert!(!exists(pid));
    });
}

#[test]
fn a_child_neither_ends_the_manager_nor_holds_it() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let list = manager.list([1]).unwrap();
        let in_child = list.clone();
        let manager = Arc::new(manager);
        let copy = Arc::clone(&manager);
        let p = start(move || {
            in_child.append(2).unwrap();
            copy.shutdown();
            drop(copy);
        });
        join_all([p]);
        assert_eq!(list.to_vec().unwrap(), [1, 2]);
    });
}

#[test]
fn the_server_ignores_ctrl_c_and_holds_no_pipe_of_its_parent() {
    within(30, || {
        let (reader, writer) = Pipe::one_way::<i32>();
        let manager = Manager::new().unwrap();
        // SAFETY: sends a signal to a child of the test.
        unsafe { libc::kill(manager.pid() as i32, libc::SIGINT) };
        let list = manager.list([1]).unwrap();
        assert_eq!(list.len().unwrap(), 1);
        writer.close();
        let error = reader.recv().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    });
}

#[test]
fn the_server_ends_with_its_parent() {
    within(30, || {
        let told = Queue::new();
        let tell = told.clone();
        let parent = start(move || {
            let manager = Manager::new().unwrap();
            tell.put(manager.pid()).unwrap();
            thread::sleep(Duration::from_secs(20));
        });
        let server = os::pidfd(told.get().unwrap()).unwrap();
        kill(parent.pid().unwrap());
        end_of(&parent, 10);
        use std::os::fd::AsFd;
        assert!(
            os::wait_readable(server.as_fd(), 5000),
            "it outlives its parent"
        );
    });
}

#[test]
fn connections_of_other_users_are_closed() {
    let (address, listener): (String, UnixListener) = endpoint::listen().unwrap();
    let client = endpoint::connect(&address).unwrap();
    let (stream, _) = listener.accept().unwrap();
    assert_eq!(endpoint::accept(&stream), Some(os::process_id()));
    drop((client, stream));
    // SAFETY: takes no arguments.
    if unsafe { libc::geteuid() } != 0 {
        // Only root can become someone else.
        return;
    }
    within(30, move || {
        let other = start(move || {
            // SAFETY: takes an integer; this process ends soon.
            assert_eq!(unsafe { libc::setuid(65534) }, 0);
            let _stream = endpoint::connect(&address).unwrap();
            thread::sleep(Duration::from_millis(300));
        });
        let (stream, _) = listener.accept().unwrap();
        assert_eq!(endpoint::accept(&stream), None);
        join_all([other]);
    });
}
