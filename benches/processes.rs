//! How fast processes, locks and messages are, beside CPython (`python3`) and C (`cc`), if those are there.
//!
//! `cargo bench --bench processes`, or with the beginning of a measure's name behind `--`. The programs take turns, and
//! the medians of several rounds are printed, so that a busy machine is busy for all of them.

mod messages;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use threadbook::prelude::*;

const ROUNDS: usize = 5;

/// How many a second.
type Rate = f64;

struct Measure {
    /// Also the argument of `python/processes.py`.
    name: &'static str,
    rust: fn() -> Rate,
    /// The arguments of the C program.
    c: Option<[&'static str; 2]>,
}

const MEASURES: &[Measure] = &[
    Measure {
        name: "start and join",
        rust: start_and_join,
        c: None,
    },
    Measure {
        name: "lock, alone",
        rust: lock_alone,
        c: Some(["1", "10000000"]),
    },
    Measure {
        name: "lock, two processes",
        rust: lock_of_two,
        c: Some(["2", "3000000"]),
    },
    Measure {
        name: "value, alone",
        rust: value_alone,
        c: None,
    },
    Measure {
        name: "value, two processes",
        rust: value_of_two,
        c: None,
    },
];

fn main() {
    // cargo adds `--bench`.
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let python = benches.join("python/processes.py");
    let c = compile(&benches.join("c/mutex.c"));
    println!(
        "{:24}{:>12}{:>12}{:>12}{:>10}{:>10}",
        "a second", "Rust", "Python", "C", "R/Python", "C/R"
    );
    for measure in MEASURES.iter().chain(messages::MEASURES) {
        if wanted
            .as_ref()
            .is_some_and(|wanted| !measure.name.starts_with(wanted))
        {
            continue;
        }
        let [mut rust, mut cpython, mut in_c] = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            rust.push((measure.rust)());
            cpython.extend(output(
                Command::new("python3").arg(&python).arg(measure.name),
            ));
            if let (Some(program), Some(args)) = (&c, measure.c) {
                in_c.extend(output(Command::new(program).args(args)));
            }
        }
        let [rust, cpython, in_c] = [rust, cpython, in_c].map(median);
        let ratio = |a: Option<Rate>, b: Option<Rate>| a.zip(b).map(|(a, b)| a / b);
        println!(
            "{:24}{:>12}{:>12}{:>12}{:>10}{:>10}",
            measure.name,
            whole(rust),
            whole(cpython),
            whole(in_c),
            tenths(ratio(rust, cpython)),
            tenths(ratio(in_c, rust)),
        );
    }
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

/// `work` does [`TIMES`] in each of two processes, which begin together.
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

/// How many a second `work` does, which does `times`.
fn rate(times: u64, work: impl FnOnce()) -> Rate {
    let start = Instant::now();
    work();
    times as f64 / start.elapsed().as_secs_f64()
}

/// The program, if there is a compiler. It is left in the build folder.
fn compile(source: &Path) -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.with_file_name("mutex-in-c");
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-pthread", "-o"]).arg(&program).arg(source);
    cc.status().ok()?.success().then_some(program)
}

/// What a program prints. None: it is not there or has failed.
fn output(command: &mut Command) -> Option<Rate> {
    let output = command.output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn median(mut rates: Vec<Rate>) -> Option<Rate> {
    rates.sort_by(Rate::total_cmp);
    rates.get(rates.len() / 2).copied()
}

fn whole(rate: Option<Rate>) -> String {
    rate.map_or("-".into(), |rate| format!("{rate:.0}"))
}

fn tenths(ratio: Option<f64>) -> String {
    ratio.map_or("-".into(), |ratio| format!("{ratio:.2}"))
}
