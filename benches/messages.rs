//! Measures queues, pipes, managers and pools, compared with CPython and, where it has an equivalent, the crate
//! `ipc-channel`.
//!
//! `cargo bench --bench messages`, optionally with the start of a measure's name after `--`.

mod beside;

use beside::{Measure, Rate, rate};
use ipc_channel::ipc;
use threadbook::prelude::*;

const MEASURES: &[Measure] = &[
    Measure {
        name: "queue, 8 bytes",
        ours: || queue(500_000, [7_u8; 8]),
        other: Some(|| Some(ipc_channel(100_000, &[7; 8]))),
        goal: 10.0,
    },
    Measure {
        name: "queue, 64 KiB",
        ours: || queue(20_000, vec![7_u8; 64 << 10]),
        other: Some(|| Some(ipc_channel(10_000, &[7; 64 << 10]))),
        goal: 3.0,
    },
    Measure {
        name: "pipe round trips",
        ours: pipe_round_trips,
        other: Some(|| Some(ipc_channel_round_trips())),
        goal: 2.0,
    },
    Measure {
        name: "manager appends",
        ours: manager_appends,
        other: None,
        goal: 3.0,
    },
    Measure {
        name: "pool map",
        ours: pool_map,
        other: None,
        goal: 3.0,
    },
];

fn main() {
    beside::compare(MEASURES, "messages.py", "ipc-channel");
}

/// Another process puts, this one gets.
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

fn ipc_channel(times: u64, item: &'static [u8]) -> Rate {
    let (sender, receiver) = ipc::bytes_channel().expect("a channel");
    let mut p = Process::new(move || {
        for _ in 0..times {
            sender.send(item).expect("someone who receives");
        }
    });
    p.start().expect("a process");
    receiver.recv().expect("the first item");
    let rate = rate(times - 1, || {
        for _ in 1..times {
            receiver.recv().expect("an item");
        }
    });
    p.join().expect("its end");
    rate
}

const ROUND_TRIPS: u64 = 20_000;

fn pipe_round_trips() -> Rate {
    let (here, there) = Pipe::new();
    let mut p = Process::new(move || {
        for _ in 0..=ROUND_TRIPS {
            let n: u64 = there.recv().expect("a question");
            there.send(&n).expect("someone who listens");
        }
    });
    p.start().expect("a process");
    let rate = round_trips(|n| {
        here.send(&n).expect("someone who listens");
        here.recv().expect("an answer")
    });
    p.join().expect("its end");
    rate
}

fn ipc_channel_round_trips() -> Rate {
    let (ask, questions) = ipc::channel::<u64>().expect("a channel");
    let (answer, answers) = ipc::channel::<u64>().expect("a channel");
    let mut p = Process::new(move || {
        for _ in 0..=ROUND_TRIPS {
            let n = questions.recv().expect("a question");
            answer.send(n).expect("someone who receives");
        }
    });
    p.start().expect("a process");
    let rate = round_trips(|n| {
        ask.send(n).expect("someone who receives");
        answers.recv().expect("an answer")
    });
    p.join().expect("its end");
    rate
}

/// Does not time the first round trip, for which the other process must start running.
fn round_trips(ask: impl Fn(u64) -> u64) -> Rate {
    assert_eq!(ask(0), 0);
    rate(ROUND_TRIPS, || {
        for n in 1..=ROUND_TRIPS {
            assert_eq!(ask(n), n);
        }
    })
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

/// Several calls with 100000 tasks each. Our pool forks workers for each call; Python's has them already.
fn pool_map() -> Rate {
    const TASKS: u64 = 100_000;
    const CALLS: u64 = 20;
    let pool = Pool::new(2);
    rate(CALLS * TASKS, || {
        for _ in 0..CALLS {
            let squares = pool.map(|n| n * n, 0..TASKS).expect("all results");
            assert_eq!(squares.last(), Some(&((TASKS - 1) * (TASKS - 1))));
        }
    })
}
