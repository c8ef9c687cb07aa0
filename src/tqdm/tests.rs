//! Whole lines are compared with those of tqdm 4.67 for Python.

mod fork;
mod lines;
mod notebook;
mod numbers;
mod speed;
mod terminal;

/// Returns a line with the parts that vary from run to run replaced by `T` (times) and `R` (rates).
fn masked(line: &str) -> String {
    let Some((before, inside)) = line.split_once('[') else {
        return line.into();
    };
    let Some((times, rate)) = inside.split_once(", ") else {
        return line.into();
    };
    let times = match times.split_once('<') {
        Some((_, "?")) => "T<?",
        Some(_) => "T<T",
        None => "T",
    };
    let rest = match rate.split_once([',', ']']) {
        Some((speed, rest)) => {
            let unit =
                speed.trim_start_matches(|c: char| c == ' ' || c == '.' || c.is_ascii_digit());
            format!(
                "{}{unit}{}",
                if unit == speed { "" } else { "R" },
                &rate[rate.len() - rest.len() - 1..]
            )
        }
        None => rate.into(),
    };
    format!("{before}[{times}, {rest}")
}
