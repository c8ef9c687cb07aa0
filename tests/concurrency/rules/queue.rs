//! Queues between threads.

use std::cmp::Reverse;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use threadbook::queue::{
    GetError, LifoQueue, PriorityQueue, PutError, Queue, SimpleQueue, TaskDoneTooOften,
};

use crate::life::*;

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn the_oldest_the_newest_or_the_smallest_comes_first() {
    let (fifo, lifo, sorted) = (Queue::new(), LifoQueue::new(), PriorityQueue::new());
    for n in [3, 1, 2] {
        fifo.put(n).unwrap();
        lifo.put(n).unwrap();
        sorted.put(n).unwrap();
    }
    assert_eq!([(); 3].map(|()| fifo.get().unwrap()), [3, 1, 2]);
    assert_eq!([(); 3].map(|()| lifo.get().unwrap()), [2, 1, 3]);
    assert_eq!([(); 3].map(|()| sorted.get().unwrap()), [1, 2, 3]);
}

#[test]
fn items_of_a_priority_queue_may_be_tuples_or_in_reverse() {
    let patients = PriorityQueue::bounded(5);
    for patient in [(2, "b"), (1, "z"), (2, "a")] {
        patients.put(patient).unwrap();
    }
    assert_eq!(
        [(); 3].map(|()| patients.get().unwrap()),
        [(1, "z"), (2, "a"), (2, "b")]
    );
    let largest = PriorityQueue::new();
    for n in [1, 3, 2] {
        largest.put(Reverse(n)).unwrap();
    }
    assert_eq!(largest.get(), Ok(Reverse(3)));
}

#[test]
fn a_full_queue_refuses_items_and_gives_them_back() {
    let q = Queue::bounded(2);
    assert!(q.put_nowait("a").is_ok() && q.put_nowait("b").is_ok());
    assert!(q.full() && !q.empty() && q.qsize() == 2);
    assert_eq!(q.put_nowait("c"), Err(PutError::Full("c")));
    let began = Instant::now();
    let error = q.put_timeout("d", SHORT).unwrap_err();
    assert!(began.elapsed() >= SHORT);
    assert_eq!(
        (error.to_string(), error.into_item()),
        ("the queue is full".into(), "d")
    );
}

#[test]
fn an_empty_queue_has_nothing_to_give_in_time() {
    let q = Queue::<i32>::new();
    assert_eq!(q.get_nowait(), Err(GetError::Empty));
    let began = Instant::now();
    assert_eq!(q.get_timeout(SHORT), Err(GetError::Empty));
    assert!(began.elapsed() >= SHORT);
    assert!(q.empty() && !q.full());
}

#[test]
fn put_and_get_wait_for_each_other() {
    within(30, || {
        let q = Queue::bounded(1);
        let producer = thread::spawn({
            let q = q.clone();
            move || (0..1000).for_each(|n| q.put(n).unwrap())
        });
        assert!((0..1000).all(|n| q.get() == Ok(n)));
        producer.join().unwrap();
    });
}

#[test]
fn join_waits_until_every_item_is_reported_done() {
    within(30, || {
        let q = Queue::new();
        for n in 0..10 {
            q.put(n).unwrap();
        }
        let (tell, told) = mpsc::channel();
        let waiter = thread::spawn({
            let q = q.clone();
            move || {
                q.join();
                tell.send(()).unwrap();
            }
        });
        for _ in 0..10 {
            q.get().unwrap();
            assert!(told.try_recv().is_err(), "items are in progress");
            q.task_done().unwrap();
        }
        told.recv_timeout(LONG).unwrap();
        waiter.join().unwrap();
        q.join();
        assert_eq!(q.task_done(), Err(TaskDoneTooOften));
        assert_eq!(
            TaskDoneTooOften.to_string(),
            "task_done() called too many times"
        );
    });
}

#[test]
fn after_shutdown_nothing_can_be_put_and_what_is_there_can_be_taken() {
    let q = Queue::new();
    q.put(1).unwrap();
    q.shutdown(false);
    assert_eq!(q.put(2), Err(PutError::ShutDown(2)));
    assert_eq!(q.put_nowait(3), Err(PutError::ShutDown(3)));
    assert_eq!(q.get(), Ok(1));
    assert_eq!(q.get(), Err(GetError::ShutDown));
    assert_eq!(q.get_nowait(), Err(GetError::ShutDown));
    assert_eq!(q.task_done(), Ok(()));
    q.join();
}

#[test]
fn an_immediate_shutdown_drops_the_items_and_ends_join() {
    within(30, || {
        let q = PriorityQueue::new();
        for n in 0..5 {
            q.put(n).unwrap();
        }
        let waiter = thread::spawn({
            let q = q.clone();
            move || q.join()
        });
        q.shutdown(true);
        waiter.join().unwrap();
        assert_eq!((q.qsize(), q.get()), (0, Err(GetError::ShutDown)));
    });
}

#[test]
fn an_immediate_shutdown_leaves_items_in_progress_to_be_reported() {
    let q = LifoQueue::new();
    q.put(1).unwrap();
    q.put(2).unwrap();
    q.get().unwrap();
    q.shutdown(true);
    assert_eq!(
        (q.task_done(), q.task_done()),
        (Ok(()), Err(TaskDoneTooOften))
    );
    q.join();
}

#[test]
fn shutdown_wakes_all_who_wait() {
    within(30, || {
        let (full, empty) = (Queue::bounded(1), Queue::<i32>::new());
        full.put(0).unwrap();
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let (full, empty) = (full.clone(), empty.clone());
                thread::spawn(move || match n % 2 {
                    0 => assert_eq!(full.put(n), Err(PutError::ShutDown(n))),
                    _ => assert_eq!(empty.get(), Err(GetError::ShutDown)),
                })
            })
            .collect();
        // Also those that begin to wait only after this.
        full.shutdown(false);
        empty.shutdown(false);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(full.get(), Ok(0));
    });
}

#[test]
fn a_simple_queue_has_no_limit_and_no_tasks() {
    within(30, || {
        let q = SimpleQueue::new();
        assert_eq!(q.get_nowait(), Err(GetError::Empty));
        assert_eq!(q.get_timeout(SHORT), Err(GetError::Empty));
        let reader = thread::spawn({
            let q = q.clone();
            move || (0..3).map(|_| q.get()).collect::<Vec<i32>>()
        });
        for n in 0..3 {
            q.put(n);
        }
        assert_eq!(reader.join().unwrap(), [0, 1, 2]);
        assert!(q.empty() && q.qsize() == 0);
    });
}

#[test]
fn repr_has_the_numbers() {
    let q = Queue::bounded(3);
    q.put(1).unwrap();
    q.get().unwrap();
    assert_eq!(format!("{q:?}"), "<Queue qsize=0 unfinished=1>");
    assert_eq!(
        format!("{:?}", LifoQueue::<i32>::new()),
        "<LifoQueue qsize=0 unfinished=0>"
    );
    assert_eq!(
        format!("{:?}", SimpleQueue::<i32>::new()),
        "<SimpleQueue qsize=0>"
    );
    assert_eq!(format!("{:?}", PutError::Full(1)), "Full(..)");
}
