//! Many writers, many readers.

use super::*;

#[test]
fn four_writers_and_four_readers_see_each_of_200000_items_once() {
    within(120, || {
        const EACH: usize = 50_000;
        let q = Queue::new();
        let seen = Array::<u8>::zeroed(4 * EACH);
        let writers: Vec<_> = (0..4)
            .map(|w| {
                let q = q.clone();
                start(move || {
                    for n in 0..EACH {
                        q.put(Some(w * EACH + n)).unwrap();
                    }
                })
            })
            .collect();
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let (q, seen) = (q.clone(), seen.clone());
                start(move || {
                    let mut last = [None; 4];
                    while let Some(item) = q.get().unwrap() {
                        let writer = item / EACH;
                        assert!(
                            last[writer] < Some(item),
                            "the items of one writer keep their order"
                        );
                        last[writer] = Some(item);
                        seen.get_lock()[item] += 1;
                    }
                })
            })
            .collect();
        join_all(writers);
        for _ in 0..4 {
            q.put(None).unwrap();
        }
        join_all(readers);
        assert!(seen.to_vec().iter().all(|&times| times == 1));
        assert!(q.empty());
    });
}

#[test]
fn threads_of_one_process_share_a_queue() {
    within(60, || {
        let q = Queue::bounded(10);
        let sum: u64 = thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| (1..=5000u64).for_each(|n| q.put(n).unwrap()));
            }
            let take = || (0..5000).map(|_| q.get().unwrap()).sum::<u64>();
            let takers: Vec<_> = (0..4).map(|_| s.spawn(take)).collect();
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!(sum, 4 * 5000 * 5001 / 2);
    });
}

#[test]
fn fork_while_threads_use_the_queue() {
    within(60, || {
        let q = Queue::new();
        let stop = std::sync::atomic::AtomicBool::new(false);
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        q.put(vec![1u8; 100]).unwrap();
                        q.get().unwrap();
                    }
                });
            }
            for _ in 0..200 {
                let in_child = q.clone();
                let p = start(move || {
                    in_child.put(vec![2u8; 100]).unwrap();
                    in_child.get().unwrap();
                });
                join_all([p]);
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        assert!(q.empty());
    });
}

#[test]
fn a_reader_that_leaves_early_leaves_the_rest() {
    within(30, || {
        let q = Queue::new();
        let (writer, reader) = (q.clone(), q.clone());
        let writer = start(move || (0..50_000u64).for_each(|n| writer.put(n).unwrap()));
        let reader = start(move || (0..10).for_each(|n| assert_eq!(reader.get().unwrap(), n)));
        join_all([reader]);
        for n in 10..50_000 {
            assert_eq!(q.get().unwrap(), n);
        }
        join_all([writer]);
    });
}
