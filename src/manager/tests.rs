//! The rules of Python's managers, and what happens when the server or a client is killed.

use std::os::unix::net::UnixListener;
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::ipc::testing::{end_of, join_all, kill, start, within};
use crate::prelude::{Pipe, Queue};

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
    assert_eq!(endpoint::check_peer(&stream), Some(os::process_id()));
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
        assert_eq!(endpoint::check_peer(&stream), None);
        join_all([other]);
    });
}
