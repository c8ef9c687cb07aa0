//! What the record of waits costs cells that are not watched.

use super::number;
use std::time::Duration;
use support::kernel::Kernel;

/// How often each function runs with the record, and without.
const PAIRS: usize = 200;

/// How long a cell may take that compares.
const COMPARISON_TIMEOUT: Duration = Duration::from_secs(300);

/// What the ratios may be at most.
const LIMIT: f64 = 1.02;

const ALTERNATE: &str = include_str!("alternate.rs");

/// Switches the record on and off.
const CALLS: &str = include_str!("calls.rs");

/// A function that takes some milliseconds; `name` is what it does.
struct Work {
    name: &'static str,
    code: &'static str,
}

const WORKS: [Work; 5] = [
    Work {
        name: "computes",
        code: "pub fn computes() {\n    let (mut sum, mut number) = (0_u64, 1_u64);\n    for step in 0..200_000_u64 { number = number.wrapping_mul(6364136223846793005).wrapping_add(step); sum ^= number >> 33; }\n    assert!(sum != 0);\n}",
    },
    Work {
        name: "atomics",
        code: "pub fn atomics() {\n    use std::sync::atomic::{AtomicI32, Ordering::SeqCst};\n    let count = AtomicI32::new(0);\n    \
               for _ in 0..100_000 { count.store(count.load(SeqCst) + 1, SeqCst); }\n    assert_eq!(count.load(SeqCst), 100_000);\n}",
    },
    Work {
        name: "free_lock",
        code: "pub fn free_lock() {\n    let count = std::sync::Mutex::new(0);\n    for _ in 0..50_000 { *count.lock().unwrap() += 1; }\n    assert_eq!(*count.lock().unwrap(), 50_000);\n}",
    },
    Work {
        name: "contended_lock",
        code: "pub fn contended_lock() {\n    let balance = std::sync::Arc::new(std::sync::Mutex::new(0));\n    let threads = [1, 1].map(|step| {\n        let balance = balance.clone();\n        \
               std::thread::spawn(move || for _ in 0..50_000 { *balance.lock().unwrap() += step; })\n    });\n    \
               for thread in threads { thread.join().unwrap(); }\n    assert_eq!(*balance.lock().unwrap(), 100_000);\n}",
    },
    Work {
        name: "messages",
        code: "pub fn messages() {\n    let ((sender, questions), (answers, receiver)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());\n    \
               let other = std::thread::spawn(move || for question in questions { answers.send(question + 1).unwrap(); });\n    \
               for number in 0..1_000 { sender.send(number).unwrap(); assert_eq!(receiver.recv(), Ok(number + 1)); }\n    \
               drop(sender);\n    other.join().unwrap();\n}",
    },
];

/// Prints a row for each function.
pub fn compare(kernel: &mut Kernel) {
    println!(
        "\ncells that are not watched, as ratios with the record of waits: medians of {PAIRS} pairs of runs with their 95 % confidence \
         intervals (at most {LIMIT})"
    );
    println!("{:18}{:>24}{:>26}", "", "time", "processor time");
    kernel.execute(&format!("{ALTERNATE}\n{CALLS}")).ok();
    for work in &WORKS {
        kernel.execute(work.code).ok();
    }
    for work in &WORKS {
        let request = kernel.begin(&format!("compare({}, {PAIRS})", work.name));
        let executed = kernel.finish(&request, COMPARISON_TIMEOUT).ok();
        let pairs = pairs(&executed.stream("stdout"));
        println!(
            "{:18}{:>24}{:>26}",
            work.name,
            Interval::of(pairs.iter().map(|[with, without, ..]| with / without)).shown(),
            Interval::of(pairs.iter().map(|[.., with, without]| with / without)).shown(),
        );
    }
}

/// The times and the processor times, with and without.
fn pairs(lines: &str) -> Vec<[f64; 4]> {
    let pair = |line: &str| {
        let mut numbers = line.split(' ').map(number);
        std::array::from_fn(|_| numbers.next().expect("four numbers"))
    };
    let pairs: Vec<_> = lines.lines().map(pair).collect();
    assert_eq!(pairs.len(), PAIRS);
    pairs
}

/// The median of ratios, and between which limits that of all would lie.
struct Interval {
    median: f64,
    low: f64,
    high: f64,
}

impl Interval {
    /// Returns the interval that holds the median with a probability of 95 % whatever the distribution, by order statistics.
    fn of(ratios: impl Iterator<Item = f64>) -> Interval {
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        let count = ratios.len();
        let distance = (0.98 * (count as f64).sqrt()).ceil() as usize;
        Interval {
            median: middle(&ratios),
            low: ratios[count / 2 - distance],
            high: ratios[count / 2 + distance],
        }
    }

    fn shown(&self) -> String {
        format!("{:.3} [{:.3}, {:.3}]", self.median, self.low, self.high)
    }
}

/// Returns the median of sorted ratios.
fn middle(ratios: &[f64]) -> f64 {
    let count = ratios.len();
    (ratios[count / 2] + ratios[(count - 1) / 2]) / 2.0
}
