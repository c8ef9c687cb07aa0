//! Messages of every size, more of them than fit, and a reader that leaves early.

use std::io::ErrorKind;

use threadbook::prelude::*;

use crate::life::*;

/// Empty, small, about the size of a queue's memory, and much larger.
const SIZES: [usize; 8] = [
    0,
    1,
    4092,
    64 << 10,
    (256 << 10) - 16,
    (256 << 10) - 15,
    256 << 10,
    100_000_000,
];

fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i % 251) as u8).collect()
}

#[test]
fn a_queue_takes_items_of_0_bytes_64_kib_and_100_mb() {
    within(60, || {
        let q = Queue::new();
        for size in SIZES {
            let in_child = q.clone();
            let p = start(move || in_child.put(bytes(size)).unwrap());
            assert!(q.get().unwrap() == bytes(size), "{size} bytes");
            join_all([p]);
            assert!(q.empty());
        }
        let units = Queue::new();
        units.put(()).unwrap();
        assert_eq!(units.qsize(), 1, "an item of no bytes at all");
        units.get().unwrap();
    });
}

#[test]
fn a_pipe_takes_messages_of_0_bytes_64_kib_and_100_mb() {
    within(60, || {
        let (a, b) = Pipe::new();
        let parents_end = a.clone();
        let echo = start(move || {
            parents_end.close();
            while let Ok(message) = b.recv() {
                b.send(&message).unwrap();
            }
        });
        for size in SIZES {
            a.send(&bytes(size)).unwrap();
            assert!(a.recv().unwrap() == bytes(size), "{size} bytes");
        }
        a.close();
        join_all([echo]);
    });
}

#[test]
fn a_manager_takes_values_of_0_bytes_64_kib_and_100_mb() {
    within(60, || {
        let manager = Manager::new().unwrap();
        let value = manager.value(Vec::<u8>::new()).unwrap();
        for size in SIZES {
            value.set(bytes(size)).unwrap();
            assert!(value.get().unwrap() == bytes(size), "{size} bytes");
        }
    });
}

#[test]
fn a_pool_gives_results_of_0_bytes_64_kib_and_100_mb() {
    within(60, || {
        let results = Pool::new(2).map(bytes, SIZES).unwrap();
        assert!(results.into_iter().eq(SIZES.map(bytes)));
    });
}

#[test]
fn a_queue_takes_more_items_than_its_memory_while_no_one_reads() {
    within(60, || {
        let q = Queue::new();
        let in_child = q.clone();
        let p =
            start(move || (0..20_000).for_each(|n| in_child.put((n, "x".repeat(100))).unwrap()));
        until(|| q.qsize() == 20_000);
        for n in 0..20_000 {
            assert_eq!(q.get().unwrap().0, n);
        }
        join_all([p]);
        assert!(q.empty());
    });
}

#[test]
fn a_bound_holds_also_for_items_that_do_not_fit() {
    within(30, || {
        let q = Queue::bounded(3);
        (0..3).for_each(|_| q.put(bytes(1 << 20)).unwrap());
        assert!(matches!(q.put_nowait(vec![]), Err(QueueError::Full)));
        for left in [2, 1, 0] {
            q.get().unwrap();
            assert_eq!(q.qsize(), left);
        }
    });
}

#[test]
fn a_reader_that_leaves_early_leaves_the_rest_in_the_queue() {
    within(30, || {
        let q = Queue::new();
        let (writer, reader) = (q.clone(), q.clone());
        let writer = start(move || (0..50_000).for_each(|n| writer.put(n).unwrap()));
        join_all([start(move || {
            (0..10).for_each(|n| assert_eq!(reader.get().unwrap(), n))
        })]);
        for n in 10..50_000 {
            assert_eq!(q.get().unwrap(), n);
        }
        join_all([writer]);
    });
}

#[test]
fn a_reader_that_leaves_early_breaks_the_pipe_of_a_writer_that_waits() {
    within(30, || {
        let (a, b) = Pipe::new();
        let reader = start(move || drop::<Vec<u8>>(b.recv().unwrap()));
        let error = (0..10_000).find_map(|_| a.send(&bytes(1 << 20)).err());
        assert_eq!(error.unwrap().kind(), ErrorKind::BrokenPipe);
        join_all([reader]);
    });
}
