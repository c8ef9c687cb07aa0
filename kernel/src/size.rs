//! Parses amounts of memory and disk space as users write them.

use anyhow::{Context, Result, bail};

/// Parses a size, a number with or without a unit, into bytes: `300MB`, `1.5 GiB`, `2G`, `4096`. `K`, `M` and `G`, alone or
/// followed by `B`, are powers of 1000 (ISO 80000-13); followed by `iB`, they are powers of 1024.
///
/// # Errors
/// If the text is not a size.
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
        unit => bail!("unknown unit `{unit}`"),
    };
    let number: f64 = number.parse().context("invalid number")?;
    Ok((number * factor) as u64)
}

/// Returns the size in an environment variable, or `None` when it is not set.
///
/// # Errors
/// If its value is not a size. The error shows the `example`.
pub fn from_env(name: &str, example: &str) -> Result<Option<u64>> {
    let Some(text) = std::env::var_os(name) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    let size =
        parse(&text).with_context(|| format!("{name}={text} is not a size such as {example}"))?;
    Ok(Some(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_parsed_with_their_units() {
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
