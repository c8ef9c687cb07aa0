//! SIGKILL for the owner of a lock, a writer, a reader, a worker, a manager: an error in bounded time, and the others go on.

use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

/// In which a kill must be noticed.
const SOON: Duration = Duration::from_secs(5);
/// For a process to get into the middle of what it does.
const MOMENT: Duration = Duration::from_millis(50);

#[test]
fn owners_of_a_lock_killed_at_any_moment_are_noticed() {
    within(120, || {
        for _ in 0..50 {
            let (lock, turns) = (Lock::new(), Value::unlocked(0_u64));
            let (in_child, count) = (lock.clone(), turns.clone());
            let p = start(move || {
                loop {
                    let _guard = in_child.lock();
                    count.set(count.get() + 1);
                }
            });
            until(|| turns.get() > 100);
            kill(&p);
            // Killed with the lock or without: known at once, or soon.
            let began = Instant::now();
            match lock.acquire_timeout(LONG) {
                Ok(taken) => assert!(taken),
                Err(error) => assert!(error.pid().is_none_or(|pid| Some(pid) == p.pid())),
            }
            assert!(began.elapsed() < SOON);
        }
    });
}

#[test]
fn all_who_wait_for_a_lock_when_its_owner_is_killed_are_told() {
    within(30, || {
        let lock = Lock::new();
        let in_child = lock.clone();
        let owner = holding(move || in_child.acquire().unwrap());
        let waiters = [(); 3].map(|()| {
            let lock = lock.clone();
            start(move || assert!(lock.acquire().is_err()))
        });
        thread::sleep(MOMENT);
        kill(&owner);
        join_all(waiters);
    });
}

#[test]
fn a_waiter_that_is_killed_takes_nothing_along() {
    within(30, || {
        let lock = Lock::new();
        lock.acquire().unwrap();
        let waiters = [(); 4].map(|()| {
            let lock = lock.clone();
            start(move || drop(lock.lock()))
        });
        thread::sleep(MOMENT);
        waiters[0].kill().unwrap();
        waiters[2].kill().unwrap();
        lock.release();
        let codes = waiters.each_ref().map(end_of);
        assert_eq!((codes[1], codes[3]), (Some(0), Some(0)));
    });
}

/// A process that was killed in the middle of an item for `q`.
fn half_an_item(q: &Queue<Vec<u8>>) -> Process {
    let in_child = q.clone();
    let p = start(move || in_child.put(vec![1; 10 << 20]).unwrap());
    // The first pieces are there: it waits for room.
    until(|| !q.empty());
    thread::sleep(MOMENT);
    kill(&p);
    p
}

#[test]
fn a_writer_killed_in_the_middle_of_an_item_is_an_error_for_the_reader() {
    within(30, || {
        let q = Queue::new();
        let p = half_an_item(&q);
        let began = Instant::now();
        match q.get() {
            Err(QueueError::WriterEnded { pid }) => assert_eq!(Some(pid), p.pid()),
            other => panic!("{:?}", other.map(|bytes| bytes.len())),
        }
        assert!(began.elapsed() < SOON && q.empty());
        q.put(vec![2]).unwrap();
        assert_eq!(q.get().unwrap(), [2]);
    });
}

#[test]
fn a_writer_behind_a_killed_one_goes_on_when_a_reader_has_seen_it() {
    within(30, || {
        let q = Queue::new();
        half_an_item(&q);
        let next = q.clone();
        let next = start(move || {
            next.put(vec![2; 3]).unwrap();
            next.put(vec![3; 1 << 20]).unwrap();
        });
        assert!(matches!(q.get(), Err(QueueError::WriterEnded { .. })));
        assert_eq!(q.get().unwrap(), [2; 3]);
        assert_eq!(q.get().unwrap(), vec![3; 1 << 20]);
        join_all([next]);
    });
}

#[test]
fn a_reader_killed_in_the_middle_of_an_item_costs_that_item_only() {
    within(30, || {
        let q = Queue::new();
        let writer = q.clone();
        let writer = start(move || writer.put(vec![1; 50 << 20]).unwrap());
        until(|| !q.empty());
        let reader = q.clone();
        let reader = start(move || {
            reader.get().unwrap();
            sleep_for_ever();
        });
        // An item that someone has begun to take is no longer counted.
        until(|| q.empty());
        kill(&reader);
        q.put(vec![2]).unwrap();
        assert_eq!(q.get().unwrap(), [2]);
        join_all([writer]);
    });
}

/// Kills writers and readers of a queue at many moments, while others must come through.
#[test]
fn killed_writers_and_readers_do_not_stop_the_others() {
    within(120, || {
        let q = Queue::new();
        let (steady, drain, end) = (q.clone(), q.clone(), q.clone());
        let steady = start(move || {
            for n in 1..=30_000 {
                steady.put(Some(vec![0; n % 100])).unwrap();
            }
        });
        let victims = start(move || {
            for round in 0..60 {
                let (writer, reader) = (q.clone(), q.clone());
                let size = if round % 3 == 0 { 1 << 20 } else { 100 };
                let writer = start(move || {
                    loop {
                        writer.put(Some(vec![0; size])).unwrap();
                        until(|| writer.qsize() <= 100);
                    }
                });
                let reader = start(move || {
                    loop {
                        // What it takes is lost with it.
                        let _ = reader.get();
                    }
                });
                thread::sleep(Duration::from_micros(500 + 137 * round));
                kill(&reader);
                kill(&writer);
            }
        });
        // Whatever was lost: the survivors' reads and writes go on and the last items arrive.
        let drain = start(move || {
            loop {
                match drain.get() {
                    Ok(None) => return,
                    Ok(_) | Err(QueueError::WriterEnded { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
        assert_eq!(end_of(&steady), Some(0));
        join_all([victims]);
        end.put(None).unwrap();
        join_all([drain]);
    });
}

#[test]
fn a_sender_killed_in_the_middle_of_a_message_is_an_error_also_if_others_have_the_end() {
    within(30, || {
        let (a, b) = Pipe::new();
        let held = b.clone();
        let sender = start(move || b.send(&vec![1_u8; 10 << 20]).unwrap());
        a.wait().unwrap();
        thread::sleep(MOMENT);
        kill(&sender);
        let began = Instant::now();
        let error = error_of(a.recv());
        assert!(error.contains("in the middle of sending"), "{error}");
        assert!(began.elapsed() < SOON);
        drop(held);
    });
}

#[test]
fn a_worker_that_is_killed_fails_its_call_at_once() {
    within(30, || {
        let (pool, began) = (Pool::new(2), Instant::now());
        let result = pool.map_chunks(
            |n| match n {
                0 => sleep_for_ever(),
                3 => raise(libc::SIGKILL),
                _ => {}
            },
            0..100,
            1,
        );
        assert!(
            began.elapsed() < SOON,
            "it does not wait for the other worker"
        );
        match result {
            Err(PoolError::WorkerDied { exitcode, .. }) => assert_eq!(exitcode, Some(-9)),
            other => panic!("{other:?}"),
        }
        assert_eq!(pool.map(|n| n + 1, [1]).unwrap(), [2], "the pool goes on");
    });
}

#[test]
fn a_worker_that_exits_fails_its_call_too() {
    within(30, || {
        let pool = Pool::new(2);
        let codes = [0, 3].map(|code| match pool.map(|n| exit_at(n, code), 0..4) {
            Err(PoolError::WorkerDied { exitcode, .. }) => exitcode,
            other => panic!("{other:?}"),
        });
        assert_eq!(codes, [Some(0), Some(3)]);
        let last = pool.imap(|n| exit_at(n, 4), 0..2).unwrap().last();
        assert!(matches!(
            last,
            Some(Err(PoolError::WorkerDied {
                exitcode: Some(4),
                ..
            }))
        ));
    });
}

fn exit_at(n: i32, code: i32) -> i32 {
    match n {
        1 => std::process::exit(code),
        _ => n,
    }
}

#[test]
fn a_killed_manager_is_an_error_at_once_also_for_those_who_wait() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let (q, list) = (manager.queue::<i32>().unwrap(), manager.list([1]).unwrap());
        let waiting = start(move || assert!(matches!(q.get(), Err(ManagerError::Ended(_)))));
        thread::sleep(MOMENT);
        // SAFETY: sends a signal to a child.
        unsafe { libc::kill(manager.pid() as libc::pid_t, libc::SIGKILL) };
        let began = Instant::now();
        join_all([waiting]);
        for _ in 0..2 {
            let error = list.append(2).unwrap_err();
            assert!(
                error.to_string().starts_with("the manager has ended"),
                "{error}"
            );
        }
        assert!(matches!(manager.list([1]), Err(ManagerError::Ended(_))));
        assert!(began.elapsed() < SOON);
    });
}

#[test]
fn the_owner_of_a_managers_lock_that_is_killed_is_an_error() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let lock = manager.lock().unwrap();
        let in_child = lock.clone();
        let owner = holding(move || in_child.acquire().unwrap());
        assert!(!lock.acquire_timeout(MOMENT).unwrap());
        kill(&owner);
        let began = Instant::now();
        match lock.acquire() {
            Err(ManagerError::OwnerDied { pid }) => assert_eq!(Some(pid), owner.pid()),
            other => panic!("{other:?}"),
        }
        assert!(began.elapsed() < SOON);
    });
}

#[test]
fn a_client_of_a_manager_that_is_killed_while_it_waits_takes_nothing() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let q = manager.queue().unwrap();
        let in_child = q.clone();
        let waiting = start(move || drop(in_child.get()));
        thread::sleep(MOMENT);
        kill(&waiting);
        q.put(5).unwrap();
        assert_eq!(q.get_timeout(SOON).unwrap(), 5);
    });
}
