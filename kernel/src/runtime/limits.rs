//! How much a cell may put out and how much memory it may take; both can be set.

use std::ffi::CStr;

/// Bytes of text that a cell may write before the rest is cut: `THREADBOOK_OUTPUT_LIMIT`.
pub fn output() -> u64 {
    read(c"THREADBOOK_OUTPUT_LIMIT").unwrap_or(4 << 20)
}

/// Bytes of memory that a cell and its processes may take together: `THREADBOOK_MEMORY_LIMIT`.
/// `None` when it is not set.
pub fn memory() -> Option<u64> {
    read(c"THREADBOOK_MEMORY_LIMIT")
}

/// The variable as the cells see it, which may set it: they change the C library's environment,
/// and this binary's `std` looks there too.
fn read(name: &CStr) -> Option<u64> {
    let name = name.to_str().ok()?;
    let text = std::env::var(name).ok()?;
    let bytes = parse(&text);
    if bytes.is_none() {
        tracing::warn!("{name}={text} is no number of bytes such as 500M; it is not used");
    }
    bytes
}

/// A number of bytes with `K`, `M` or `G` behind it, or nothing: 1024, its square or its cube.
fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let shift = match text.bytes().last()?.to_ascii_uppercase() {
        b'K' => 10,
        b'M' => 20,
        b'G' => 30,
        _ => 0,
    };
    let digits = if shift > 0 {
        &text[..text.len() - 1]
    } else {
        text
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn limits_are_bytes_with_a_unit() {
        assert_eq!(parse("500M"), Some(500 << 20));
        assert_eq!(parse("2 g"), Some(2 << 30));
        assert_eq!(parse("4096"), Some(4096));
        assert_eq!(parse("1K"), Some(1024));
        for wrong in ["", "M", "-1", "much", "99999999999G", "1.5G"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
