//! The rules of Python's queues, and what may not happen when processes are killed.

mod kills;
mod stress;

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use crate::ipc::testing::{end_of, join_all, kill, start, within};
use crate::prelude::*;

const MOMENT: Duration = Duration::from_millis(50);

fn is_empty<T>(result: Result<T, QueueError>) -> bool {
    matches!(result, Err(QueueError::Empty))
}

#[test]
fn any_type_with_serde_goes_through() {
    within(30, || {
        let q = Queue::new();
        let item = (
            1u8,
            vec![Some("text".to_string()), None],
            HashMap::from([('k', -1.5)]),
        );
        let sent = item.clone();
        let in_child = q.clone();
        let p = start(move || in_child.put(sent).unwrap());
        assert_eq!(q.get().unwrap(), item);
        join_all([p]);
    });
}

#[test]
fn messages_of_0_bytes_64_kib_and_100_mb() {
    within(60, || {
        let q = Queue::new();
        for size in [
            0,
            64 << 10,
            (256 << 10) - 16,
            (256 << 10) - 15,
            256 << 10,
            100_000_000,
        ] {
            let in_child = q.clone();
            let p = start(move || {
                let bytes: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
                in_child.put(bytes).unwrap();
            });
            let bytes = q.get().unwrap();
            assert_eq!(bytes.len(), size);
            assert!(bytes.iter().enumerate().all(|(i, &b)| b == (i % 251) as u8));
            join_all([p]);
            assert!(q.empty(), "after {size} bytes");
        }
        let units = Queue::new();
        units.put(()).unwrap();
        assert_eq!(units.qsize(), 1);
        units.get().unwrap();
    });
}

#[test]
fn an_item_is_there_when_put_returns_and_gone_when_get_returns() {
    within(30, || {
        let q = Queue::new();
        let in_child = q.clone();
        for n in 0..1000 {
            let q = in_child.clone();
            assert!(q.empty() && q.qsize() == 0);
            q.put(n).unwrap();
            assert!(!q.empty() && q.qsize() == 1);
            assert_eq!(q.get().unwrap(), n);
        }
        let (told, tell) = Pipe::one_way();
        let p = start(move || {
            in_child.put(7).unwrap();
            tell.send(&()).unwrap();
        });
        told.recv().unwrap();
        assert!(!q.empty(), "put has returned in the other process");
        assert_eq!(q.get_nowait().unwrap(), 7);
        assert!(q.empty());
        join_all([p]);
    });
}

#[test]
fn get_waits_at_most_the_timeout() {
    within(30, || {
        let q: Queue<i32> = Queue::new();
        assert!(is_empty(q.get_nowait()));
        let began = Instant::now();
        assert!(is_empty(q.get_timeout(MOMENT)));
        assert!(began.elapsed() >= MOMENT);
        let in_child = q.clone();
        let p = start(move || {
            thread::sleep(MOMENT);
            in_child.put(1).unwrap();
        });
        assert_eq!(q.get_timeout(Duration::from_secs(20)).unwrap(), 1);
        join_all([p]);
        q.put(2).unwrap();
        assert_eq!(q.get_timeout(Duration::MAX).unwrap(), 2);
    });
}

#[test]
fn a_bounded_queue_is_full_at_its_bound() {
    within(30, || {
        let q = Queue::bounded(2);
        q.put(1).unwrap();
        assert!(!q.full());
        q.put(2).unwrap();
        assert!(q.full());
        assert!(matches!(q.put_nowait(3), Err(QueueError::Full)));
        assert!(matches!(q.put_timeout(3, MOMENT), Err(QueueError::Full)));
        let in_child = q.clone();
        let p = start(move || in_child.put(3).unwrap());
        assert_eq!(q.get().unwrap(), 1);
        join_all([p]);
        assert_eq!((q.qsize(), q.full()), (2, true));
        assert_eq!((q.get().unwrap(), q.get().unwrap()), (2, 3));
    });
}

#[test]
fn a_bound_holds_also_for_items_that_do_not_fit() {
    within(30, || {
        let q = Queue::bounded(3);
        for _ in 0..3 {
            q.put(vec![1u8; 1 << 20]).unwrap();
        }
        assert!(matches!(q.put_nowait(vec![]), Err(QueueError::Full)));
        for left in [2, 1, 0] {
            assert_eq!(q.get().unwrap().len(), 1 << 20);
            assert_eq!(q.qsize(), left);
        }
    });
}

#[test]
fn a_bound_of_0_is_none() {
    within(30, || {
        let q = Queue::bounded(0);
        for n in 0..100_000 {
            q.put(n).unwrap();
        }
        assert!(!q.full());
        assert_eq!(q.qsize(), 100_000);
        q.cancel_join_thread();
    });
}

#[test]
fn more_items_than_fit_with_no_reader_yet() {
    within(60, || {
        let q = Queue::new();
        let in_child = q.clone();
        let p = start(move || {
            for n in 0..20_000u64 {
                in_child.put((n, "x".repeat(100))).unwrap();
            }
            assert_eq!(in_child.qsize(), 20_000);
        });
        while q.qsize() < 20_000 {
            thread::yield_now();
        }
        for n in 0..20_000 {
            assert_eq!(
                q.get().unwrap().0,
                n,
                "the items of one writer keep their order"
            );
        }
        join_all([p]);
        assert!(q.empty());
    });
}

#[test]
fn a_process_writes_its_items_before_it_ends() {
    within(30, || {
        let q = Queue::new();
        let in_child = q.clone();
        let p = start(move || {
            for n in 0..10 {
                in_child.put((n, vec![0u8; 100_000])).unwrap();
            }
            in_child.close();
        });
        thread::sleep(MOMENT);
        assert!(p.is_alive(), "it waits for a reader");
        for n in 0..10 {
            assert_eq!(q.get().unwrap().0, n);
        }
        join_all([p]);
    });
}

#[test]
fn cancel_join_thread_lets_a_process_end_without_its_items() {
    within(30, || {
        for before in [true, false] {
            let q = Queue::new();
            let in_child = q.clone();
            let p = start(move || {
                if before {
                    in_child.cancel_join_thread();
                }
                in_child.put(vec![0u8; 1 << 20]).unwrap();
                in_child.cancel_join_thread();
            });
            join_all([p]);
        }
    });
}

#[test]
fn after_close_put_and_get_are_errors_in_this_process_only() {
    within(30, || {
        let q = Queue::new();
        q.put(1).unwrap();
        let in_child = q.clone();
        let p = start(move || {
            in_child.close();
            let error = in_child.put(2).unwrap_err();
            assert_eq!(error.to_string(), "the queue is closed in this process");
            assert!(matches!(in_child.get(), Err(QueueError::Closed)));
            in_child.join_thread();
        });
        join_all([p]);
        assert_eq!(q.get().unwrap(), 1);
        q.put(3).unwrap();
        assert_eq!(q.get().unwrap(), 3);
    });
}

#[test]
fn join_thread_waits_until_all_is_written() {
    within(30, || {
        let q = Queue::new();
        let reader = q.clone();
        let p = start(move || {
            for _ in 0..5 {
                assert_eq!(reader.get().unwrap(), vec![7u8; 1 << 20]);
            }
        });
        for _ in 0..5 {
            q.put(vec![7u8; 1 << 20]).unwrap();
        }
        q.close();
        q.join_thread();
        join_all([p]);
    });
}

#[test]
fn after_a_fork_the_child_has_none_of_the_waiting_items() {
    within(30, || {
        let q = Queue::new();
        for n in 0..4 {
            q.put((n, vec![0u8; 1 << 20])).unwrap();
        }
        // The child ends at once: it has no items to write, nor are any sent twice.
        let in_child = q.clone();
        join_all([start(move || {
            in_child.close();
            in_child.join_thread();
        })]);
        for n in 0..4 {
            assert_eq!(q.get().unwrap().0, n);
        }
        assert!(q.empty());
    });
}

#[test]
fn a_simple_queue_waits_for_room() {
    within(30, || {
        let q = SimpleQueue::new();
        let in_child = q.clone();
        let p = start(move || {
            for n in 0..100_000u32 {
                in_child.put(n).unwrap();
            }
        });
        for n in 0..100_000 {
            assert_eq!(q.get().unwrap(), n);
        }
        assert!(q.empty());
        join_all([p]);
    });
}

#[test]
fn a_joinable_queue_waits_for_every_task() {
    within(30, || {
        let q = JoinableQueue::new();
        let done = Value::new(0);
        q.join();
        let workers: Vec<_> = (0..3)
            .map(|_| {
                let (q, done) = (q.clone(), done.clone());
                start(move || {
                    while let Some(n) = q.get().unwrap() {
                        *done.get_lock() += n;
                        q.task_done().unwrap();
                    }
                    q.task_done().unwrap();
                })
            })
            .collect();
        for n in 1..=100 {
            q.put(Some(n)).unwrap();
        }
        q.join();
        assert_eq!(done.get(), 5050);
        for _ in 0..3 {
            q.put(None).unwrap();
        }
        q.join();
        join_all(workers);
        let error = q.task_done().unwrap_err();
        assert_eq!(error.to_string(), "task_done() called too many times");
    });
}
