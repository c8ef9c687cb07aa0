//! The rows with progress bars. A bar is judged by what is left of it when the cell has ended.

use super::none_of;
use crate::common::judge::{Ids, Verdict, in_order, lines_of};
use regex::Regex;

/// A download in one thread and its bar in another (A9, A13).
pub fn download(output: &str) -> Verdict {
    let lines: Vec<&str> = output.lines().collect();
    let Some((bar, lines)) = lines.split_last() else {
        return none_of("a bar", output);
    };
    let patterns = [
        "main process running ... PID:{p}",
        "UI thread starting ... PID:{p}",
        "Download thread starting ... PID:{p}",
    ];
    in_order(lines, &patterns, &mut Ids::default())?;
    full_bar(bar, "Downloading...: ", 100)
}

/// Three processes with a bar each (B19). Gives the seconds that they took.
pub fn three_processes(output: &str) -> Result<f64, String> {
    let (bars, lines) = bars_and_lines(output)?;
    if bars.len() != 3 {
        return none_of("three bars", output);
    }
    bars.iter().try_for_each(|bar| full_bar(bar, "", 100_000))?;
    let &[sum, time] = &lines[..] else {
        return none_of("a balance and a time", output);
    };
    in_order(&[sum], &["Final balance = 300000"], &mut Ids::default())?;
    // Each sleeps 100000 times for 2 µs, and a sleep is never too short.
    seconds(time, 0.2)
}

/// The same work in one process (B20). Gives the seconds that it took.
pub fn one_process(output: &str) -> Result<f64, String> {
    let (bars, lines) = bars_and_lines(output)?;
    let (&[bar], &[sum, time]) = (&bars[..], &lines[..]) else {
        return none_of("one bar, a sum and a time", output);
    };
    full_bar(bar, "", 300_000)?;
    in_order(&[sum], &["300000"], &mut Ids::default())?;
    seconds(time, 0.6)
}

/// Bars are drawn beside what is printed, so they may stand anywhere between the lines.
fn bars_and_lines(output: &str) -> Result<(Vec<&str>, Vec<&str>), String> {
    let lines = lines_of(output)?;
    Ok(lines.into_iter().partition(|line| line.contains('|')))
}

/// A bar at its end, as tqdm draws it; the time and the rate are any.
fn full_bar(line: &str, description: &str, total: u32) -> Verdict {
    let description = regex::escape(description);
    let pattern = format!(
        r"^{description}100%\|█{{10}}\| {total}/{total} \[\d\d:\d\d<00:00, [ \d]*\d\.\d\dit/s\]$"
    );
    if Regex::new(&pattern).expect("a pattern").is_match(line) {
        Ok(())
    } else {
        Err(format!("{line:?} is no bar that has come to {total}"))
    }
}

/// The time in the last line of a cell.
pub fn seconds(line: &str, at_least: f64) -> Result<f64, String> {
    let pattern = Regex::new(r"^Execution time: (\d+\.\d\d) seconds$").expect("a pattern");
    let time = pattern
        .captures(line)
        .and_then(|found| found[1].parse().ok());
    match time {
        Some(time) if time >= at_least => Ok(time),
        _ => Err(format!("{line:?} is no time of {at_least} s or more")),
    }
}
