//! The cells in which two workers count to 10 together, three times.

use crate::judge::{Ids, Verdict, any_order, exact, lines_of};

/// Checks three rounds with two named threads (B7).
pub fn by_threads(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    for (round, lines) in rounds(&lines, 20)?.into_iter().enumerate() {
        additions(lines, ["Thread-1", "Thread-2"], round)?;
    }
    Ok(())
}

/// Checks three rounds, each with a new pool of two workers (B9).
pub fn by_pools(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let mut before = None;
    for (round, lines) in rounds(&lines, 24)?.into_iter().enumerate() {
        let (start, rest): (Vec<&str>, Vec<&str>) = lines
            .iter()
            .partition(|line| **line == "5" || line.starts_with("Launch job"));
        let patterns = [
            "5",
            "5",
            "Launch job on thread ThreadPoolExecutor-{n}_0",
            "Launch job on thread ThreadPoolExecutor-{n}_1",
        ];
        let mut ids = Ids::default();
        any_order(&start, &patterns, &mut ids)?;
        let n = ids.get("n");
        if before.is_some_and(|before| n <= before) {
            return Err(format!("pool {n:?} comes after pool {before:?}"));
        }
        before = Some(n);
        let worker = |k| format!("ThreadPoolExecutor-{}_{k}", n.unwrap_or_default());
        additions(&rest, [&worker(0), &worker(1)], round)?;
    }
    Ok(())
}

/// Splits the lines into three rounds of `length` lines and one line with the sum.
fn rounds<'a>(lines: &'a [&'a str], length: usize) -> Result<Vec<&'a [&'a str]>, String> {
    let rounds: Vec<_> = lines.chunks(length + 1).collect();
    if rounds.len() != 3 || lines.len() != 3 * (length + 1) {
        return Err(format!(
            "{} lines are not three rounds:\n{}",
            lines.len(),
            lines.join("\n")
        ));
    }
    Ok(rounds)
}

/// Checks that two workers add 1 five times each and count up to 10 together.
fn additions(lines: &[&str], workers: [&str; 2], round: usize) -> Verdict {
    let sum = format!("Iteration {round}: x = 10");
    let Some((last, lines)) = lines.split_last() else {
        return super::missing("a sum", "");
    };
    exact(last, &sum)?;
    let (sums, announced): (Vec<&str>, Vec<&str>) = lines
        .iter()
        .partition(|line| line.starts_with("x is modify to "));
    let expected: Vec<String> = workers
        .iter()
        .flat_map(|worker| {
            (0..5).map(move |i| format!("Thread {worker} is operating {i} increment"))
        })
        .collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    any_order(&announced, &expected, &mut Ids::default())?;
    let mut by_first = 0;
    for (i, line) in sums.iter().enumerate() {
        let by = |worker| *line == format!("x is modify to {} by {worker}", i + 1);
        by_first += usize::from(by(workers[0]));
        if !by(workers[0]) && !by(workers[1]) {
            return Err(format!("unexpected {line:?} as sum number {}", i + 1));
        }
    }
    if sums.len() == 10 && by_first == 5 {
        Ok(())
    } else {
        Err(format!(
            "expected 10 sums, 5 of them by the first worker, not {by_first} of {sums:?}"
        ))
    }
}
