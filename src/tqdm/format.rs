//! Numbers and times, formatted as tqdm does.

use crate::repr::repr;

/// Formats a number with three digits and a prefix: `9.99`, `12.3k`, `345M`. `divisor` is 1000, or 1024 for bytes.
pub(super) fn format_sizeof(mut number: f64, divisor: f64) -> String {
    for prefix in ["", "k", "M", "G", "T", "P", "E", "Z"] {
        match number.abs() {
            ..9.995 => return format!("{number:.2}{prefix}"),
            ..99.95 => return format!("{number:.1}{prefix}"),
            ..999.5 => return format!("{number:.0}{prefix}"),
            _ => number /= divisor,
        }
    }
    format!("{number:.1}Y")
}

/// Formats seconds as `MM:SS`, or `H:MM:SS` from an hour on; fractions are cut off.
pub(super) fn format_interval(seconds: f64) -> String {
    let seconds = seconds as u64;
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes:02}:{seconds:02}"),
        (hours, minutes) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Formats a number with three digits, if that is shorter than all of its digits.
pub(super) fn format_num(number: f64) -> String {
    shorter(number, repr(&number))
}

pub(super) fn format_integer(number: i64) -> String {
    shorter(number as f64, number.to_string())
}

fn shorter(number: f64, full: String) -> String {
    let three = three_digits(number);
    match three.len() < full.len() {
        true => three,
        false => full,
    }
}

/// C's `%.3g`, but an exponent below ten has one digit.
fn three_digits(number: f64) -> String {
    if !number.is_finite() {
        return repr(&number);
    }
    let rounded = format!("{number:.2e}");
    let Some((digits, exponent)) = rounded.split_once('e') else {
        return rounded;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match usize::try_from(2 - exponent) {
        Ok(decimals @ 0..=6) => without_zeros(&format!("{number:.decimals$}")).into(),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{}", without_zeros(digits), exponent.abs())
        }
    }
}

fn without_zeros(digits: &str) -> &str {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    }
}
