//! Amounts of memory and of room on a disk, as users write them.

use anyhow::{Context, Result, bail};

/// Bytes, from a number with a unit or without: `300MB`, `1.5 GiB`, `2G`, `4096`. `K`, `M` and `G` are powers of 1000 (ISO 80000-13), also
/// with a `B` behind them; with `iB`, they are powers of 1024.
///
/// # Errors
/// When the text is none.
pub fn parse(text: &str) -> Result<u64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        unit => bail!("`{unit}` is no unit"),
    };
    let number: f64 = number.parse().context("no number")?;
    Ok((number * factor) as u64)
}

/// The size in a variable of the environment; `None` when it is not set.
///
/// # Errors
/// When it is no size. The error says so, with an `example`.
pub fn of_variable(name: &str, example: &str) -> Result<Option<u64>> {
    let Some(text) = std::env::var_os(name) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    let size =
        parse(&text).with_context(|| format!("{name}={text} is no size such as {example}"))?;
    Ok(Some(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in [
            ("1000", 1000),
            ("300MB", 300_000_000),
            ("300MiB", 300 << 20),
            ("2GB", 2_000_000_000),
            ("1.5 GiB", 1_610_612_736),
            ("0.3G", 300_000_000),
            (" 1 k ", 1000),
        ] {
            assert_eq!(parse(text).unwrap(), bytes, "{text}");
        }
        for text in ["", "GB", "5 apples", "-1", "1.2.3M", "much"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
