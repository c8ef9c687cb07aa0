//! SIGKILL for the owner of a lock, a writer, a reader: an error in bounded time, and the others go on.

use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

/// The time within which a kill must be noticed.
const SOON: Duration = Duration::from_secs(5);
/// The time for a process to get into the middle of what it does.
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
            // Killed with the lock or without it: noticed at once, or soon.
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

/// Starts a process that is killed in the middle of an item for `q`. No thread writes that item, so writing has begun
/// when it is counted.
fn half_an_item(q: &SimpleQueue<Vec<u8>>) -> Process {
    let in_child = q.clone();
    let p = start(move || in_child.put(vec![1; 10 << 20]).unwrap());
    until(|| !q.empty());
    kill(&p);
    p
}

#[test]
fn a_writer_killed_in_the_middle_of_an_item_is_an_error_for_the_reader() {
    within(30, || {
        let q = SimpleQueue::new();
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
        let q = SimpleQueue::new();
        half_an_item(&q);
        let next = q.clone();
        let next = start(move || {
            next.put(vec![2; 3]).unwrap();
            next.put(vec![3; 1 << 20]).unwrap();
        });
        assert!(matches!(q.get(), Err(QueueError::WriterEnded { .. })));
        assert_eq!(q.get().unwrap(), [2; 3]);
        assert!(q.get().unwrap() == vec![3; 1 << 20]);
        join_all([next]);
    });
}

#[test]
fn items_that_a_killed_writer_had_not_written_are_an_error_for_a_reader_that_waits() {
    within(30, || {
        let q = Queue::bounded(3);
        let in_child = q.clone();
        let p = start(move || (0..3).for_each(|_| in_child.put(vec![1; 1 << 20]).unwrap()));
        until(|| q.qsize() == 3);
        kill(&p);
        let began = Instant::now();
        // They no longer take up a slot.
        q.put(vec![2]).unwrap();
        // The beginning of the first may be there, before the item that was put now.
        let (mut errors, mut items) = (0, 0);
        while (errors, items) != (1, 1) && (errors, items) != (2, 1) {
            match q.get() {
                Ok(item) => {
                    assert_eq!(item, [2]);
                    items += 1;
                }
                Err(QueueError::WriterEnded { pid }) => {
                    assert_eq!(Some(pid), p.pid());
                    errors += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert!(began.elapsed() < SOON);
        until(|| match q.get_nowait() {
            Err(QueueError::WriterEnded { .. }) => false,
            other => matches!(other, Err(QueueError::Empty)),
        });
        assert_eq!(q.qsize(), 0);
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

/// Kills writers and readers of a queue at many moments, while others must get through.
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
                        // The item that it takes is lost with it.
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
