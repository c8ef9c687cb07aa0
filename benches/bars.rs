//! Measures what a progress bar costs per step of a loop, compared with CPython's tqdm if `python3` has it.
//!
//! `cargo bench --bench bars`. Bars are drawn on a terminal; if stderr is not one, only at their end, so `2>/dev/null`
//! leaves only the figures. The programs take turns; the medians of several rounds are printed.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use threadbook::prelude::*;

const ROUNDS: usize = 5;
const STEPS: u64 = 50_000_000;

/// Nanoseconds per step.
type Cost = f64;

struct Measure {
    name: &'static str,
    rust: fn() -> Cost,
    /// The argument of `python/bars.py`.
    python: Option<&'static str>,
}

const MEASURES: &[Measure] = &[
    Measure {
        name: "bare loop",
        rust: bare,
        python: None,
    },
    Measure {
        name: "tqdm(0..n)",
        rust: iterate,
        python: Some("tqdm"),
    },
    Measure {
        name: "bar.update(1)",
        rust: update,
        python: Some("update"),
    },
    Measure {
        name: "update, two threads",
        rust: update_by_two,
        python: None,
    },
];

fn main() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/python/bars.py");
    println!("{:24}{:>10}{:>10}", "ns per step", "Rust", "Python");
    for measure in MEASURES {
        let [mut rust, mut python] = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            rust.push((measure.rust)());
            python.extend(measure.python.and_then(|name| of_python(&script, name)));
        }
        let [rust, python] = [rust, python].map(median);
        println!("{:24}{rust:>10}{python:>10}", measure.name);
    }
}

fn bare() -> Cost {
    timed(|| {
        for n in 0..STEPS {
            black_box(n);
        }
    })
}

fn iterate() -> Cost {
    timed(|| {
        for n in tqdm(0..STEPS) {
            black_box(n);
        }
    })
}

fn update() -> Cost {
    timed(|| {
        let bar = Tqdm::new(STEPS);
        for n in 0..STEPS {
            black_box(n);
            bar.update(1);
        }
    })
}

fn update_by_two() -> Cost {
    timed(|| {
        let bar = Tqdm::new(STEPS);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for n in 0..STEPS / 2 {
                        black_box(n);
                        bar.update(1);
                    }
                });
            }
        });
    })
}

fn timed(f: impl FnOnce()) -> Cost {
    let start = Instant::now();
    f();
    start.elapsed().as_secs_f64() * 1e9 / STEPS as f64
}

/// Runs the Python script; `None` if there is no Python with tqdm.
fn of_python(script: &Path, name: &str) -> Option<Cost> {
    let output = Command::new("python3")
        .arg(script)
        .arg(name)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Formats the median; a dash if there are no costs.
fn median(mut costs: Vec<Cost>) -> String {
    costs.sort_by(f64::total_cmp);
    match costs.get(costs.len() / 2) {
        Some(cost) => format!("{cost:.1}"),
        None => "-".into(),
    }
}
