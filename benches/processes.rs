//! Measures process starts and locks, compared with CPython and a process-shared pthread mutex in C (`cc`).
//!
//! `cargo bench --bench processes`, optionally with the start of a measure's name after `--`.

mod beside;

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use beside::{Measure, Rate, folder, output, rate};
use threadbook::prelude::*;

const MEASURES: &[Measure] = &[
    Measure {
        name: "start and join",
        ours: start_and_join,
        other: None,
        goal: 10.0,
    },
    Measure {
        name: "lock, alone",
        ours: lock_alone,
        other: Some(|| in_c(1, 10_000_000)),
        goal: 15.0,
    },
    Measure {
        name: "lock, two processes",
        ours: lock_of_two,
        other: Some(|| in_c(2, 3_000_000)),
        goal: 15.0,
    },
    Measure {
        name: "value, alone",
        ours: value_alone,
        other: None,
        goal: 15.0,
    },
    Measure {
        name: "value, two processes",
        ours: value_of_two,
        other: None,
        goal: 15.0,
    },
    Measure {
        name: "shared memory, attach",
        ours: shared_memory_attach,
        other: None,
        goal: 5.0,
    },
    Measure {
        name: "pool, map",
        ours: pool_map,
        other: None,
        goal: 5.0,
    },
];

fn main() {
    beside::compare(MEASURES, "processes.py", "C");
}

fn start_and_join() -> Rate {
    rate(500, || {
        for _ in 0..500 {
            let mut p = Process::new(|| ());
            p.start().expect("a process");
            p.join().expect("its end");
        }
    })
}

/// Attaching to a segment by its name, reading its first byte and closing it.
fn shared_memory_attach() -> Rate {
    let memory = SharedMemory::create(4096).expect("a segment");
    memory.set(0, 1);
    let times = 20_000;
    let rate = rate(times, || {
        for _ in 0..times {
            let same = SharedMemory::attach(memory.name()).expect("the segment");
            assert_eq!(same.get(0), 1);
        }
    });
    memory.unlink().expect("the segment");
    rate
}

/// Items of one `map`, each a small task, on two workers.
fn pool_map() -> Rate {
    let pool = Pool::new(2);
    let items = 100_000;
    rate(items, || {
        let squares = pool.map(|n| n * n, 0..items).expect("the squares");
        assert_eq!(squares.len() as u64, items);
    })
}

fn lock_alone() -> Rate {
    let (lock, number) = (Lock::new(), Value::unlocked(0_u64));
    let rate = alone(|| count(&lock, &number));
    assert_eq!(number.get(), TIMES);
    rate
}

fn lock_of_two() -> Rate {
    let (lock, number) = (Lock::new(), Value::unlocked(0_u64));
    let in_child = number.clone();
    let rate = two_processes(move || count(&lock, &in_child));
    assert_eq!(number.get(), 2 * TIMES);
    rate
}

fn value_alone() -> Rate {
    let value = Value::new(0_u64);
    let rate = alone(|| add(&value));
    assert_eq!(value.get(), TIMES);
    rate
}

fn value_of_two() -> Rate {
    let value = Value::new(0_u64);
    let in_child = value.clone();
    let rate = two_processes(move || add(&in_child));
    assert_eq!(value.get(), 2 * TIMES);
    rate
}

/// Increments of each process. The C program's first measure does three times as many.
const TIMES: u64 = 3_000_000;

fn count(lock: &Lock, number: &RawValue<u64>) {
    for _ in 0..TIMES {
        let _guard = lock.lock();
        number.set(number.get() + 1);
    }
}

fn add(value: &Value<u64>) {
    for _ in 0..TIMES {
        *value.get_lock() += 1;
    }
}

fn alone(work: impl FnOnce()) -> Rate {
    rate(TIMES, work)
}

/// Runs `work`, [`TIMES`] increments, in two processes that start together.
fn two_processes(work: impl Fn() + Clone + 'static) -> Rate {
    let (ready, go) = (Semaphore::new(0), Event::new());
    let mut processes = [(); 2].map(|()| {
        let (work, ready, go) = (work.clone(), ready.clone(), go.clone());
        Process::new(move || {
            ready.release();
            go.wait();
            work();
        })
    });
    for p in &mut processes {
        p.start().expect("a process");
    }
    for _ in &processes {
        ready.acquire();
    }
    rate(2 * TIMES, || {
        go.set();
        for p in &processes {
            p.join().expect("its end");
        }
    })
}

/// Runs the C program, which increments under a mutex; `None` without a C compiler.
fn in_c(processes: u64, times: u64) -> Option<Rate> {
    static PROGRAM: LazyLock<Option<PathBuf>> = LazyLock::new(compile);
    let mut program = Command::new(PROGRAM.as_ref()?);
    output(program.args([processes, times].map(|n| n.to_string())))
}

/// Compiles the C program into the build directory.
fn compile() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.with_file_name("mutex-in-c");
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-pthread", "-o"]).arg(&program);
    cc.arg(folder().join("c/mutex.c"));
    cc.status().ok()?.success().then_some(program)
}
