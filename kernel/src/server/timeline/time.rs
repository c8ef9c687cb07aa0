//! Times as people write them.

/// Returns a time in nanoseconds as people write it.
pub fn shown(nanoseconds: u64) -> String {
    match nanoseconds {
        0 => "0".to_owned(),
        1..1_000_000 => format!("{} µs", nanoseconds / 1000),
        1_000_000..1_000_000_000 => format!("{} ms", nanoseconds / 1_000_000),
        _ => format!("{:.1} s", nanoseconds as f64 / 1e9),
    }
}

/// Returns a time as people write it, with the digits in which it differs from the next one.
pub fn shown_in_steps(time: u64, step: u64) -> String {
    let (unit, name) = match time {
        1_000_000_000.. => (1_000_000_000, "s"),
        1_000_000.. => (1_000_000, "ms"),
        _ => return shown(time),
    };
    let decimals = match step {
        _ if step.is_multiple_of(unit) => 0,
        _ => (unit.ilog10() - step.ilog10()) as usize,
    };
    format!("{:.decimals$} {name}", time as f64 / unit as f64)
}
