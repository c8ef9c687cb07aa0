//! The value of a parameter, parsed from the command line.

use std::str::FromStr;

/// A value of a type that every language has.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`, or `True` or `False`.
    Bool(bool),
    /// An integer as written, without a plus sign and leading zeros.
    Int(String),
    /// A number with a point or an exponent, as written.
    Float(String),
    /// Anything else, or a JSON string in double quotes.
    Text(String),
}

impl FromStr for Value {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with('"') {
            let quoted = serde_json::from_str(text);
            return quoted.map(Self::Text).map_err(|error| {
                format!(
                    "`{text}` begins with a quotation mark but is not a valid JSON string: {error}"
                )
            });
        }
        let number = text.strip_prefix('+').unwrap_or(text);
        let digits = number.strip_prefix('-').unwrap_or(number);
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.contains(|c: char| c.is_ascii_digit());
        Ok(match text {
            "true" | "True" => Self::Bool(true),
            "false" | "False" => Self::Bool(false),
            _ if is_number && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Self::Int(without_leading_zeros(number))
            }
            _ if is_number && number.parse::<f64>().is_ok_and(f64::is_finite) => {
                Self::Float(number.to_owned())
            }
            _ => Self::Text(text.to_owned()),
        })
    }
}

/// Removes leading zeros, which Python rejects.
fn without_leading_zeros(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let digits = digits.trim_start_matches('0');
    match digits {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}

/// Returns the number with a digit on both sides of its point, for Rust.
pub fn with_digits(float: &str) -> String {
    let (mantissa, exponent) = match float.find(['e', 'E']) {
        Some(at) => float.split_at(at),
        None => (float, ""),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let or_zero = |digits: &str| if digits.is_empty() { "0" } else { digits }.to_owned();
    format!("{sign}{}.{}{exponent}", or_zero(whole), or_zero(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_determines_the_kind() {
        let int = |text: &str| Value::Int(text.to_owned());
        let float = |text: &str| Value::Float(text.to_owned());
        let text = |text: &str| Value::Text(text.to_owned());
        for (given, expected) in [
            ("true", Value::Bool(true)),
            ("False", Value::Bool(false)),
            ("4", int("4")),
            ("-12", int("-12")),
            ("+3", int("3")),
            ("007", int("7")),
            ("-0", int("0")),
            ("1.5", float("1.5")),
            (".5", float(".5")),
            ("1e3", float("1e3")),
            ("-2.", float("-2.")),
            ("nan", text("nan")),
            ("inf", text("inf")),
            ("1e999", text("1e999")),
            ("1_000", text("1_000")),
            ("-", text("-")),
            (".", text(".")),
            ("", text("")),
            ("a=b", text("a=b")),
            ("\"4\"", text("4")),
            ("\"a\\n\"", text("a\n")),
        ] {
            assert_eq!(given.parse::<Value>(), Ok(expected), "{given}");
        }
        assert!("\"open".parse::<Value>().is_err());
    }

    #[test]
    fn a_point_has_digits_on_both_sides() {
        for (given, expected) in [
            ("1.5", "1.5"),
            (".5", "0.5"),
            ("-2.", "-2.0"),
            ("1e3", "1.0e3"),
            ("5", "5.0"),
        ] {
            assert_eq!(with_digits(given), expected);
        }
    }
}
