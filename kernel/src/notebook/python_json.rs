//! Python's extensions of JSON: `NaN`, `Infinity`, and unpaired surrogates.
//!
//! When a notebook is read, placeholders that no other program writes replace them; when it is written, they come back.

use std::borrow::Cow;

/// Prefix of a string that stands for one of [`NUMBERS`]: a noncharacter (Unicode, chapter 23.7).
const NUMBER: &str = "\u{FFFF}";
const NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// The first placeholder for surrogates, in a private use area.
const HALVES: u32 = 0x10_F000;
const FIRST_HALF: u32 = 0xD800;

/// Returns the text as JSON, with placeholders for Python's extensions.
pub fn read(text: &str) -> Cow<'_, str> {
    if !NUMBERS.iter().any(|number| text.contains(number)) && !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut json = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_in_string = false;
    while let Some(c) = rest.chars().next() {
        let number = NUMBERS
            .iter()
            .find(|number| !is_in_string && rest.starts_with(**number));
        let taken = if let Some(number) = number {
            json.push_str(&format!("\"{NUMBER}{number}\""));
            number.len()
        } else if is_in_string && c == '\\' {
            let (escape, length) = escape(rest);
            json.push_str(&escape);
            length
        } else {
            is_in_string ^= c == '"';
            json.push(c);
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    Cow::Owned(json)
}

/// Replaces the placeholders in the text of a whole file by what they stand for.
pub fn write(json: String) -> String {
    let mut text = json;
    if text.contains(NUMBER) {
        for number in NUMBERS {
            text = text.replace(&format!("\"{NUMBER}{number}\""), number);
        }
    }
    let is_half = |c: char| half(c).is_some();
    if !text.contains(is_half) {
        return text;
    }
    let escaped = text.chars().map(|c| match half(c) {
        Some(half) => format!("\\u{half:04x}"),
        None => c.to_string(),
    });
    escaped.collect()
}

/// Returns the surrogate that a placeholder stands for.
fn half(c: char) -> Option<u32> {
    let offset = u32::from(c).checked_sub(HALVES)?;
    (offset < 0x800).then_some(FIRST_HALF + offset)
}

/// Returns the escape at the start of a text as valid JSON, and its length in bytes. A surrogate pair is one escape.
fn escape(text: &str) -> (String, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    match (unit(0), unit(6)) {
        (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (text[..12].to_owned(), 12),
        (Some(half @ 0xD800..=0xDFFF), _) => {
            let stand_in = char::from_u32(HALVES + half - FIRST_HALF);
            (
                stand_in.unwrap_or(char::REPLACEMENT_CHARACTER).to_string(),
                6,
            )
        }
        _ => {
            let length = 1 + text[1..].chars().next().map_or(0, char::len_utf8);
            (text[..length].to_owned(), length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn what_python_writes_is_read_and_written_back() {
        for text in [
            r#"{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN \" Infinity"}"#,
            r#"{"a": "\ud83d", "b": "\ude00 x", "c": "\ud83d\ud83d\ude00"}"#,
            r#"{"a": "plain \\ \" \n", "b": 1.5}"#,
        ] {
            let value: Value = serde_json::from_str(&read(text)).unwrap();
            let written = write(serde_json::to_string(&value).unwrap());
            // Python's parser would read the same value from both.
            let again: Value = serde_json::from_str(&read(&written)).unwrap();
            assert_eq!(value, again, "{written}");
            for number in NUMBERS {
                assert_eq!(
                    written.matches(number).count(),
                    text.matches(number).count()
                );
            }
            assert!(!written.contains(['\u{FFFF}', '\u{FFFD}']), "{written}");
        }
        assert_eq!(write(read(r#"["\ud83d"]"#).into_owned()), r#"["\ud83d"]"#);
    }

    #[test]
    fn json_stays_as_it_is() {
        for text in [
            r#"{"a": "Ångström \u00e9 🦀"}"#,
            "[]",
            r#""\\u""#,
            "not json \\",
        ] {
            assert_eq!(read(text), text);
        }
    }
}
