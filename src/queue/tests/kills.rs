//! A writer or reader that is killed, at any moment.

use super::*;

#[test]
fn a_writer_killed_in_the_middle_of_an_item_is_an_error_for_the_reader() {
    within(30, || {
        let q = Queue::new();
        let in_child = q.clone();
        let p = start(move || in_child.put(vec![1u8; 10 << 20]).unwrap());
        // The first pieces are there: it waits for room.
        while q.empty() {
            thread::yield_now();
        }
        thread::sleep(MOMENT);
        kill(p.pid().unwrap());
        assert_eq!(end_of(&p, 10), Some(-9));
        let pid = p.pid().unwrap();
        match q.get() {
            Err(QueueError::WriterEnded { pid: by }) => assert_eq!(by, pid),
            other => panic!("{:?}", other.map(|bytes| bytes.len())),
        }
        assert!(q.empty());
        // Others go on.
        q.put(vec![2]).unwrap();
        assert_eq!(q.get().unwrap(), [2]);
    });
}

#[test]
fn a_writer_behind_a_killed_one_goes_on_when_a_reader_has_seen_it() {
    within(30, || {
        let q = Queue::new();
        let in_child = q.clone();
        let p = start(move || in_child.put(vec![1u8; 10 << 20]).unwrap());
        while q.empty() {
            thread::yield_now();
        }
        thread::sleep(MOMENT);
        kill(p.pid().unwrap());
        assert_eq!(end_of(&p, 10), Some(-9));
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
        let writer = start(move || writer.put(vec![1u8; 50 << 20]).unwrap());
        while q.empty() {
            thread::yield_now();
        }
        let reader = q.clone();
        let reader = start(move || drop(reader.get()));
        // An item that someone has begun to take is no longer counted.
        while !q.empty() {
            std::hint::spin_loop();
        }
        kill(reader.pid().unwrap());
        assert_eq!(end_of(&reader, 10), Some(-9), "it was killed while it read");
        q.put(vec![2]).unwrap();
        assert_eq!(q.get().unwrap(), [2]);
        join_all([writer]);
    });
}

/// Kills a random process of several at random times, again and again, while the others must come through.
#[test]
fn killed_writers_and_readers_do_not_stop_the_others() {
    within(120, || {
        let q = Queue::new();
        let (steady, end) = (q.clone(), q.clone());
        const ITEMS: u64 = 30_000;
        // Numbers from the steady writer; 0 from those that get killed.
        let steady = start(move || {
            for n in 1..=ITEMS {
                steady.put((n, vec![0u8; (n % 100) as usize])).unwrap();
            }
        });
        let victims = start(move || {
            for round in 0..60u64 {
                let (writer, reader) = (q.clone(), q.clone());
                let size = if round % 3 == 0 { 1 << 20 } else { 100 };
                let writer = start(move || {
                    loop {
                        writer.put((0, vec![0; size])).unwrap();
                        while writer.qsize() > 100 {
                            thread::yield_now();
                        }
                    }
                });
                let reader = start(move || {
                    loop {
                        // What it takes is lost with it; so it takes what the other victim wrote, or gives back.
                        if let Ok((n, bytes)) = reader.get()
                            && n > 0
                        {
                            drop((n, bytes));
                        }
                    }
                });
                thread::sleep(Duration::from_micros(500 + 137 * round));
                kill(reader.pid().unwrap());
                kill(writer.pid().unwrap());
                end_of(&reader, 10);
                end_of(&writer, 10);
            }
        });
        // Whatever was lost: the survivors' reads and writes go on and the last items arrive.
        let drain = end.clone();
        let drain = start(move || {
            loop {
                match drain.get() {
                    Ok((u64::MAX, _)) => return,
                    Ok(_) | Err(QueueError::WriterEnded { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
        join_all([steady, victims]);
        end.put((u64::MAX, vec![])).unwrap();
        join_all([drain]);
    });
}
