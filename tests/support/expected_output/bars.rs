//! The cells with progress bars. A bar is judged by its final state.

use super::missing;
use crate::judge::{Ids, Verdict, in_order, lines_of};
use regex::Regex;

/// Checks a download in one thread with its bar in another (A9, A13).
pub fn download(output: &str) -> Verdict {
    let lines: Vec<&str> = output.lines().collect();
    let Some((bar, lines)) = lines.split_last() else {
        return missing("a bar", output);
    };
    let patterns = [
        "main process running ... PID:{p}",
        "UI thread starting ... PID:{p}",
        "Download thread starting ... PID:{p}",
    ];
    in_order(lines, &patterns, &mut Ids::default())?;
    full_bar(bar, "Downloading...: ", 100)
}

/// Checks three processes with a bar each (B19). Returns the seconds that they took.
pub fn three_processes(output: &str) -> Result<f64, String> {
    let (bars, lines) = bars_and_lines(output)?;
    if bars.len() != 3 {
        return missing("three bars", output);
    }
    bars.iter().try_for_each(|bar| full_bar(bar, "", 100_000))?;
    let &[sum, time] = &lines[..] else {
        return missing("a balance and a time", output);
    };
    in_order(&[sum], &["Final balance = 300000"], &mut Ids::default())?;
    // Each sleeps 100000 times for 2 µs, and a sleep never returns early.
    seconds(time, 0.2)
}

/// Checks the same work in one process (B20). Returns the seconds that it took.
pub fn one_process(output: &str) -> Result<f64, String> {
    let (bars, lines) = bars_and_lines(output)?;
    let (&[bar], &[sum, time]) = (&bars[..], &lines[..]) else {
        return missing("one bar, a sum and a time", output);
    };
    full_bar(bar, "", 300_000)?;
    in_order(&[sum], &["300000"], &mut Ids::default())?;
    seconds(time, 0.6)
}

/// Separates bars from printed lines. A bar is not part of the printed text, so it may appear anywhere between lines.
fn bars_and_lines(output: &str) -> Result<(Vec<&str>, Vec<&str>), String> {
    let lines = lines_of(output)?;
    Ok(lines.into_iter().partition(|line| line.contains('|')))
}

/// Checks a complete bar as tqdm draws it, with any time and rate.
fn full_bar(line: &str, description: &str, total: u32) -> Verdict {
    let description = regex::escape(description);
    let pattern = format!(
        r"^{description}100%\|█{{10}}\| {total}/{total} \[\d\d:\d\d<00:00, [ \d]*\d\.\d\dit/s\]$"
    );
    if Regex::new(&pattern).expect("a pattern").is_match(line) {
        Ok(())
    } else {
        Err(format!("{line:?} is not a bar that has reached {total}"))
    }
}

/// Returns the time in the last line of a cell.
pub fn seconds(line: &str, at_least: f64) -> Result<f64, String> {
    let pattern = Regex::new(r"^Execution time: (\d+\.\d\d) seconds$").expect("a pattern");
    let time = pattern
        .captures(line)
        .and_then(|found| found[1].parse().ok());
    match time {
        Some(time) if time >= at_least => Ok(time),
        _ => Err(format!("{line:?} is not a time of {at_least} s or more")),
    }
}
