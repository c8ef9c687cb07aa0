//! Compares rates of this crate with CPython (`python3`), and with a third program where there is one.
//!
//! The programs take turns and the medians of several rounds are printed, so that load on the machine affects all of
//! them alike.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const ROUNDS: usize = 5;

/// Operations per second.
pub type Rate = f64;

pub struct Measure {
    /// Also the argument of the Python script.
    pub name: &'static str,
    pub ours: fn() -> Rate,
    /// The third program. Its rate is `None` if it is not installed.
    pub other: Option<fn() -> Option<Rate>>,
    /// Our rate should be this multiple of CPython's.
    pub goal: f64,
}

/// Runs all measures, or those whose names begin with the program's argument. `script` is in `benches/python`.
pub fn compare(measures: &[Measure], script: &str, other: &str) {
    // cargo adds `--bench`.
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let script = folder().join("python").join(script);
    println!(
        "{:22}{:>12}{:>12}{:>13}{:>11}{:>7}{:>10}",
        "per second", "threadbook", "Python", other, "vs Python", "goal", "vs other"
    );
    for measure in measures {
        if wanted
            .as_ref()
            .is_some_and(|wanted| !measure.name.starts_with(wanted))
        {
            continue;
        }
        let [mut ours, mut python, mut third] = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            ours.push((measure.ours)());
            python.extend(output(
                Command::new("python3").arg(&script).arg(measure.name),
            ));
            third.extend(measure.other.and_then(|other| other()));
        }
        let [ours, python, third] = [ours, python, third].map(median);
        let ratio = |a: Option<Rate>, b: Option<Rate>| a.zip(b).map(|(a, b)| a / b);
        println!(
            "{:22}{:>12}{:>12}{:>13}{:>11}{:>7}{:>10}",
            measure.name,
            shown(ours, 0),
            shown(python, 0),
            shown(third, 0),
            shown(ratio(ours, python), 2),
            shown(Some(measure.goal), 0),
            shown(ratio(ours, third), 2),
        );
    }
}

/// Returns the rate of `work`, which does `times` operations.
pub fn rate(times: u64, work: impl FnOnce()) -> Rate {
    let start = Instant::now();
    work();
    times as f64 / start.elapsed().as_secs_f64()
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches")
}

/// Returns the number that a program prints; `None` if it is not installed or fails.
pub fn output(command: &mut Command) -> Option<Rate> {
    let output = command.output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn median(mut rates: Vec<Rate>) -> Option<Rate> {
    rates.sort_by(Rate::total_cmp);
    rates.get(rates.len() / 2).copied()
}

fn shown(number: Option<f64>, digits: usize) -> String {
    number.map_or("-".into(), |number| format!("{number:.digits$}"))
}
