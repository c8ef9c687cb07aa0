//! The measures of queues, pipes, managers and pools.

use threadbook::prelude::*;

use super::{Measure, Rate, rate};

pub const MEASURES: &[Measure] = &[
    Measure {
        name: "queue, 8 bytes",
        rust: || queue(500_000, [7_u8; 8]),
        c: None,
    },
    Measure {
        name: "queue, 64 KiB",
        rust: || queue(20_000, vec![7_u8; 64 << 10]),
        c: None,
    },
    Measure {
        name: "pipe round trips",
        rust: pipe_round_trips,
        c: None,
    },
    Measure {
        name: "manager appends",
        rust: manager_appends,
        c: None,
    },
    Measure {
        name: "pool map",
        rust: pool_map,
        c: None,
    },
];

/// One process puts, this one gets.
fn queue<T: Item + Clone>(times: u64, item: T) -> Rate {
    let q = Queue::new();
    let in_child = q.clone();
    let mut p = Process::new(move || {
        for _ in 0..times {
            in_child.put(item.clone()).expect("an open queue");
        }
    });
    p.start().expect("a process");
    q.get().expect("the first item");
    let rate = rate(times - 1, || {
        for _ in 1..times {
            q.get().expect("an item");
        }
    });
    p.join().expect("its end");
    rate
}

fn pipe_round_trips() -> Rate {
    const TIMES: u64 = 30_000;
    let (here, there) = Pipe::new();
    let mut p = Process::new(move || {
        for _ in 0..=TIMES {
            let n: u64 = there.recv().expect("a question");
            there.send(&n).expect("someone who listens");
        }
    });
    p.start().expect("a process");
    let round_trip = |n| {
        here.send(&n).expect("someone who listens");
        assert_eq!(here.recv().expect("an answer"), n);
    };
    round_trip(0);
    let rate = rate(TIMES, || (1..=TIMES).for_each(round_trip));
    p.join().expect("its end");
    rate
}

fn manager_appends() -> Rate {
    const TIMES: u64 = 30_000;
    let manager = Manager::new().expect("a server");
    let list = manager.list([]).expect("a list");
    rate(TIMES, || {
        for n in 0..TIMES {
            list.append(n).expect("a live server");
        }
    })
}

fn pool_map() -> Rate {
    const TIMES: u64 = 1_000_000;
    let pool = Pool::new(2);
    rate(TIMES, || {
        let squares = pool.map(|n| n * n, 0..TIMES).expect("all results");
        assert_eq!(squares.last(), Some(&((TIMES - 1) * (TIMES - 1))));
    })
}
