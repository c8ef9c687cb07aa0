//! The cell in which two functions run one after the other and then in parallel (A2).

use super::missing;
use crate::judge::{Ids, any_order, exact, in_order, lines_of};

const NUMBERS: [&str; 5] = [
    "Number: #1",
    "Number: #2",
    "Number: #3",
    "Number: #4",
    "Number: #5",
];
const LETTERS: [&str; 5] = [
    "Alphabet: a",
    "Alphabet: b",
    "Alphabet: c",
    "Alphabet: d",
    "Alphabet: e",
];

/// Checks ten lines of a tenth of a second each, printed one after the other and then two at a time. Returns the ratio
/// of the parallel to the sequential time.
pub fn sequential_and_parallel(output: &str) -> Result<f64, String> {
    let lines = lines_of(output)?;
    let &[first, ref sequential @ .., last] = &lines[..] else {
        return missing("two parts", output);
    };
    let Some(middle) = sequential
        .iter()
        .position(|line| *line == "----------Parallel execution----------")
    else {
        return missing("a second part", output);
    };
    exact(first, "----------Sequential execution----------")?;
    let (sequential, parallel) = (&sequential[..middle], &sequential[middle + 1..]);
    let Some((&sequential_time, sequential)) = sequential.split_last() else {
        return missing("a first part", output);
    };
    in_order(
        sequential,
        &[NUMBERS, LETTERS].concat(),
        &mut Ids::default(),
    )?;
    let of_one = |own: &str| -> Vec<&str> {
        parallel
            .iter()
            .copied()
            .filter(|line| line.starts_with(own))
            .collect()
    };
    any_order(parallel, &[NUMBERS, LETTERS].concat(), &mut Ids::default())?;
    in_order(&of_one("Number"), &NUMBERS, &mut Ids::default())?;
    in_order(&of_one("Alphabet"), &LETTERS, &mut Ids::default())?;

    let sequential = execution_time(sequential_time)?;
    let parallel = execution_time(last)?;
    // 1.00 and 0.50 on an idle machine; on a busy one sleeps take longer, never shorter. Threads that wait for each
    // other would take as long as the sequential part.
    let ratio = parallel / sequential;
    if sequential < 1.0 || parallel < 0.5 || ratio > 0.8 {
        return Err(format!("sequential {sequential} s, parallel {parallel} s"));
    }
    Ok(ratio)
}

fn execution_time(line: &str) -> Result<f64, String> {
    let seconds = line
        .strip_prefix("execution time : ")
        .and_then(|text| text.parse().ok());
    seconds.ok_or_else(|| format!("no execution time: {line:?}"))
}
