//! SimpleQueue and JoinableQueue.

use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(30);
/// A few of them exceed a queue's memory.
const MIB: usize = 1 << 20;

#[test]
fn join_of_a_joinable_queue_waits_until_task_done_was_called_for_every_item() {
    within(30, || {
        let (q, done) = (JoinableQueue::new(), Value::new(0));
        q.join();
        let workers = [(); 3].map(|()| {
            let (q, done) = (q.clone(), done.clone());
            start(move || {
                while let Some(n) = q.get().unwrap() {
                    *done.get_lock() += n;
                    q.task_done().unwrap();
                }
                q.task_done().unwrap();
            })
        });
        (1..=100).for_each(|n| q.put(Some(n)).unwrap());
        q.join();
        assert_eq!(done.get(), 5050);
        workers.iter().for_each(|_| q.put(None).unwrap());
        q.join();
        join_all(workers);
    });
}

#[test]
fn task_done_too_often_is_an_error() {
    within(30, || {
        let q = JoinableQueue::new();
        q.put(1).unwrap();
        q.task_done().unwrap();
        assert_eq!(error_of(q.task_done()), "task_done() called too many times");
    });
}

#[test]
fn a_simple_queue_has_no_thread_so_its_put_waits_for_room() {
    within(30, || {
        let q = SimpleQueue::new();
        let in_child = q.clone();
        let p = start(move || (0..4).for_each(|n| in_child.put((n, vec![0_u8; MIB])).unwrap()));
        assert!(!p.join_timeout(SHORT).unwrap());
        for n in 0..4 {
            assert_eq!(q.get().unwrap().0, n);
        }
        assert!(q.empty());
        join_all([p]);
    });
}
