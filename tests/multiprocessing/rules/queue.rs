//! Queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(30);
/// A few of them exceed a queue's memory.
const MIB: usize = 1 << 20;

#[test]
fn an_item_may_be_of_any_type_that_serde_knows() {
    within(30, || {
        let q = Queue::new();
        let names = HashMap::from([('k', -1.5)]);
        let item = (1_u8, vec![Some("text".to_string()), None], names);
        let (in_child, sent) = (q.clone(), item.clone());
        let p = start(move || in_child.put(sent).unwrap());
        assert_eq!(q.get().unwrap(), item);
        join_all([p]);
    });
}

#[test]
fn an_item_that_serde_cannot_write_is_an_error_of_put_and_is_not_counted() {
    within(30, || {
        #[derive(Debug)]
        struct Refused;

        impl serde::Serialize for Refused {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("not today"))
            }
        }

        impl<'de> serde::Deserialize<'de> for Refused {
            fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Ok(Self)
            }
        }

        let q = Queue::new();
        assert!(matches!(q.put(Refused), Err(QueueError::Item(_))));
        assert!(q.empty() && matches!(q.get_nowait(), Err(QueueError::Empty)));
    });
}

#[test]
fn put_does_not_wait_for_a_reader() {
    within(30, || {
        let q = Queue::new();
        for n in 0..20 {
            q.put((n, vec![0_u8; MIB])).unwrap();
        }
        assert_eq!(q.qsize(), 20);
        q.cancel_join_thread();
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_named_queue_feeder_thread_writes_what_does_not_fit_and_ends_then() {
    within(30, || {
        let feeder_runs = || {
            let tasks = std::fs::read_dir("/proc/self/task").unwrap();
            // A thread that exits meanwhile no longer has a name. The system keeps 15 bytes of a name.
            let names = tasks
                .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
            names
                .into_iter()
                .any(|name| name.trim_end() == "QueueFeederThre")
        };
        let q = Queue::new();
        q.put(vec![0_u8; 100]).unwrap();
        assert!(!feeder_runs(), "there is room");
        q.put(vec![0_u8; MIB]).unwrap();
        until(feeder_runs);
        for _ in 0..2 {
            q.get().unwrap();
        }
        until(|| !feeder_runs());
    });
}

#[test]
fn empty_is_false_and_qsize_1_as_soon_as_put_has_returned() {
    within(30, || {
        let q = Queue::new();
        for n in 0..1000 {
            assert!(q.empty() && q.qsize() == 0);
            q.put(n).unwrap();
            assert!(!q.empty() && q.qsize() == 1);
            assert_eq!(q.get().unwrap(), n);
        }
        let (in_child, has_put) = (q.clone(), Event::new());
        let tell = has_put.clone();
        let p = start(move || {
            in_child.put(7).unwrap();
            tell.set();
        });
        has_put.wait();
        assert_eq!(q.get_nowait().unwrap(), 7);
        join_all([p]);
    });
}

#[test]
fn get_with_a_timeout_waits_that_long_and_is_empty_then() {
    within(30, || {
        let q = Queue::<i32>::new();
        assert!(matches!(q.get_nowait(), Err(QueueError::Empty)));
        let began = Instant::now();
        assert!(matches!(q.get_timeout(SHORT), Err(QueueError::Empty)));
        assert!(began.elapsed() >= SHORT);
    });
}

#[test]
fn put_with_a_timeout_waits_that_long_and_is_full_then() {
    within(30, || {
        let q = Queue::bounded(2);
        q.put(1).unwrap();
        q.put(2).unwrap();
        assert!(q.full() && matches!(q.put_nowait(3), Err(QueueError::Full)));
        let began = Instant::now();
        assert!(matches!(q.put_timeout(3, SHORT), Err(QueueError::Full)));
        assert!(began.elapsed() >= SHORT);
        assert_eq!(q.get().unwrap(), 1);
        q.put_nowait(3).unwrap();
    });
}

#[test]
fn each_item_goes_to_one_reader_and_the_items_of_one_writer_keep_their_order() {
    within(60, || {
        let (q, sums) = (Queue::new(), Queue::new());
        let readers = [(); 3].map(|()| {
            let (q, sums) = (q.clone(), sums.clone());
            start(move || {
                let (mut last, mut sum) = (0, 0);
                while let Some(n) = q.get().unwrap() {
                    assert!(n > last);
                    (last, sum) = (n, sum + n);
                }
                sums.put(sum).unwrap();
            })
        });
        (1..=3000_u64).for_each(|n| q.put(Some(n)).unwrap());
        (0..3).for_each(|_| q.put(None).unwrap());
        join_all(readers);
        assert_eq!(
            (0..3).map(|_| sums.get().unwrap()).sum::<u64>(),
            3000 * 3001 / 2
        );
    });
}

#[test]
fn a_maxsize_of_0_is_no_limit() {
    within(30, || {
        let q = Queue::bounded(0);
        (0..100_000).for_each(|n| q.put(n).unwrap());
        assert!(!q.full());
        q.cancel_join_thread();
    });
}

#[test]
fn after_close_put_and_get_are_errors_in_this_process_only() {
    within(30, || {
        let q = Queue::new();
        q.put(1).unwrap();
        let in_child = q.clone();
        let code = run(move || {
            in_child.close();
            assert_eq!(
                error_of(in_child.put(2)),
                "the queue is closed in this process"
            );
            assert_eq!(
                error_of(in_child.get()),
                "the queue is closed in this process"
            );
        });
        assert_eq!(code, Some(0));
        assert_eq!(q.get().unwrap(), 1);
    });
}

#[test]
fn a_process_waits_at_its_end_until_its_items_are_written() {
    within(30, || {
        let q = Queue::new();
        let in_child = q.clone();
        let p = start(move || (0..10).for_each(|n| in_child.put((n, vec![0_u8; MIB])).unwrap()));
        assert!(
            !p.join_timeout(10 * SHORT).unwrap(),
            "join before get waits for ever"
        );
        for n in 0..10 {
            assert_eq!(q.get().unwrap().0, n);
        }
        join_all([p]);
    });
}

#[test]
fn unless_it_has_called_cancel_join_thread() {
    within(30, || {
        for before in [true, false] {
            let q = Queue::new();
            join_all([start(move || {
                if before {
                    q.cancel_join_thread();
                }
                q.put(vec![0_u8; 10 * MIB]).unwrap();
                q.cancel_join_thread();
            })]);
        }
    });
}

#[test]
fn join_thread_waits_until_all_is_written_and_wants_a_close_before() {
    within(30, || {
        let q = Queue::new();
        assert!(panic_of(|| q.join_thread()).starts_with("close the queue before join_thread"));
        let reader = q.clone();
        let p = start(move || (0..3).for_each(|_| drop(reader.get().unwrap())));
        (0..3).for_each(|_| q.put(vec![0_u8; MIB]).unwrap());
        q.close();
        q.join_thread();
        join_all([p]);
        assert_eq!(q.qsize(), 0);
    });
}

#[test]
fn a_child_has_none_of_the_items_that_its_parent_has_not_written_so_none_comes_twice() {
    within(30, || {
        let q = Queue::new();
        (0..4).for_each(|n| q.put((n, vec![0_u8; MIB])).unwrap());
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
fn an_item_is_sent_as_it_was_when_it_was_put() {
    within(30, || {
        /// Its owner can change it through a copy.
        #[derive(Clone, Default)]
        struct Note(Arc<Mutex<i32>>);

        impl serde::Serialize for Note {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.lock().unwrap().serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for Note {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                i32::deserialize(deserializer).map(|n| Self(Arc::new(Mutex::new(n))))
            }
        }

        let (q, note) = (Queue::new(), Note::default());
        q.put(note.clone()).unwrap();
        *note.0.lock().unwrap() = 9;
        assert_eq!(*q.get().unwrap().0.lock().unwrap(), 0);
    });
}
