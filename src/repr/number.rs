//! Numbers: from Rust's `Debug` text to Python's.

use super::word::is_word;

/// Translates the number at the start of `rest`. Returns its length in bytes and Python's form.
///
/// Both languages switch to an exponent at the same sizes, but Python writes it with a sign and two digits.
pub(super) fn literal(rest: &str) -> (usize, String) {
    let digits = |from: usize| {
        let tail = &rest[from..];
        from + tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len())
    };
    let mut mantissa = digits(0);
    let mut is_float = false;
    if rest[mantissa..].starts_with('.') && digits(mantissa + 1) > mantissa + 1 {
        mantissa = digits(mantissa + 1);
        is_float = true;
    }
    let mut end = mantissa;
    if let Some(exponent) = rest[mantissa..].strip_prefix('e') {
        let start = mantissa + 1 + usize::from(exponent.starts_with('-'));
        if digits(start) > start {
            end = digits(start);
            is_float = true;
        }
    }
    // More of a word follows: `0x1e5` and `1.5s` are not floats.
    if rest[end..].starts_with(is_word) {
        let tail = &rest[end..];
        let end = end + tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        return (end, rest[..end].into());
    }
    let python = match is_float {
        true => float(&rest[..mantissa], &rest[mantissa..end]),
        false => rest[..end].into(),
    };
    (end, python)
}

/// `exponent` is empty or begins with `e`.
fn float(mantissa: &str, exponent: &str) -> String {
    let mut python = round_half_even(mantissa, exponent).unwrap_or_else(|| mantissa.into());
    if let Some(exponent) = exponent.strip_prefix('e') {
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', exponent),
        };
        python.push_str(&format!("e{sign}{digits:0>2}"));
    }
    python
}

/// Two shortest texts can be equally near to a number (…51.2 and …51.3 to …51.25). Rust takes the greater, Python the
/// one with the even digit. Returns the mantissa with the even digit in this case.
fn round_half_even(mantissa: &str, exponent: &str) -> Option<String> {
    let last = mantissa.bytes().last()?;
    // Any two texts of fewer digits are different numbers.
    if mantissa.len() < 16 || last.is_multiple_of(2) {
        return None;
    }
    let mut even = mantissa.to_owned();
    even.pop();
    even.push(char::from(last - 1));
    let number: f64 = format!("{mantissa}{exponent}").parse().ok()?;
    if format!("{even}{exponent}").parse() != Ok(number) {
        return None;
    }
    let significant = |text: &str| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    // All digits: a halfway case has just one more, a 5.
    let all = format!("{number:.40e}");
    let all = significant(all.split('e').next()?);
    (all.trim_end_matches('0') == significant(&even) + "5").then_some(even)
}
