//! The layout of a notebook file, byte for byte as Python's nbformat writes it.
//!
//! nbformat sorts all keys, indents by one space, and stores multi-line texts as lists of lines; in memory such a text
//! is one string. Because the layout is the same, diff tools such as git show only real changes.

use std::io::{self, Write};

use super::python_json;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// Joins each text of a cell that is stored as a list of lines into one string.
pub fn join_lines(cell: &mut Value) {
    for_texts(cell, &mut |kind, text| {
        let Value::Array(lines) = text else { return };
        if kind == Text::Json || !lines.iter().all(Value::is_string) {
            return;
        }
        *text = lines
            .iter()
            .filter_map(Value::as_str)
            .collect::<String>()
            .into();
    });
}

/// Splits each text of a cell that is stored as a list of lines.
pub fn split_lines(cell: &mut Value) {
    for_texts(cell, &mut |kind, text| {
        let Value::String(whole) = text else { return };
        if kind == Text::Lines {
            *text = lines(whole).into_iter().map(Value::from).collect();
        }
    });
}

/// Returns the content of the file: with sorted keys and texts as lines, and without keys that belong to a session.
pub fn to_bytes(notebook: &Object) -> Vec<u8> {
    let mut notebook = notebook.clone();
    for cell in notebook
        .get_mut("cells")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        split_lines(cell);
    }
    strip_transient(&mut notebook);
    let mut value = Value::Object(notebook);
    value.sort_all_objects();
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(
        &mut bytes,
        Python(PrettyFormatter::with_indent(b" ")),
    );
    value
        .serialize(&mut serializer)
        .expect("serializing a JSON value to memory cannot fail");
    bytes.push(b'\n');
    let text = String::from_utf8(bytes).expect("JSON is UTF-8");
    python_json::write(text).into_bytes()
}

/// How the file stores a text.
#[derive(Clone, Copy, PartialEq)]
enum Text {
    /// As a list of lines.
    Lines,
    /// As one string; an older file may have a list of lines.
    Whole,
    /// A list here is JSON data, not lines.
    Json,
}

impl Text {
    fn of_mime(mime: &str) -> Self {
        if mime.starts_with("text/") || matches!(mime, "application/javascript" | "image/svg+xml") {
            Self::Lines
        } else if mime == "application/json"
            || (mime.starts_with("application/") && mime.ends_with("+json"))
        {
            Self::Json
        } else {
            Self::Whole
        }
    }
}

fn for_texts(cell: &mut Value, visit: &mut impl FnMut(Text, &mut Value)) {
    let Value::Object(cell) = cell else { return };
    if let Some(source) = cell.get_mut("source") {
        visit(Text::Lines, source);
    }
    if let Some(Value::Object(attachments)) = cell.get_mut("attachments") {
        for bundle in attachments.values_mut().filter_map(Value::as_object_mut) {
            for_bundle(bundle, visit);
        }
    }
    if cell.get("cell_type").is_some_and(|kind| kind == "code") {
        for output in objects(cell.get_mut("outputs")) {
            if let Some(Value::Object(data)) = output.get_mut("data") {
                for_bundle(data, visit);
            } else if let Some(text) = output.get_mut("text") {
                visit(Text::Lines, text);
            }
        }
    }
}

fn for_bundle(bundle: &mut Object, visit: &mut impl FnMut(Text, &mut Value)) {
    for (mime, text) in bundle.iter_mut() {
        visit(Text::of_mime(mime), text);
    }
}

fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Object> {
    list.and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

/// Removes the keys that nbformat never stores: the origin of an upgrade, and trust, which belongs to the user, not to
/// the file.
fn strip_transient(notebook: &mut Object) {
    if let Some(Value::Object(metadata)) = notebook.get_mut("metadata") {
        for key in ["orig_nbformat", "orig_nbformat_minor", "signature"] {
            metadata.shift_remove(key);
        }
    }
    for cell in objects(notebook.get_mut("cells")) {
        if let Some(Value::Object(metadata)) = cell.get_mut("metadata") {
            metadata.shift_remove("trusted");
        }
    }
}

/// Splits a text into lines with their line endings, like Python's `str.splitlines(True)`.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let mut end = at + character.len_utf8();
        match character {
            '\r' => {
                if let Some((next, _)) = characters.next_if(|&(_, next)| next == '\n') {
                    end = next + 1;
                }
            }
            '\n' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}' => (),
            _ => continue,
        }
        lines.push(&text[start..end]);
        start = end;
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// serde_json's pretty format with floating-point numbers as Python writes them.
struct Python(PrettyFormatter<'static>);

impl Formatter for Python {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(python_repr(value).as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// Returns the shortest digits that parse back to the number, in the notation that Python chooses: `0.0001` but
/// `1e-05`.
///
/// Between two equally short and close candidates, serde_json chooses the even one, as Python does; std does not.
fn python_repr(value: f64) -> String {
    let text = serde_json::Number::from_f64(value).map(|number| number.to_string());
    let text = text.unwrap_or_else(|| "null".to_owned());
    if let Some((digits, exponent)) = text.split_once('e') {
        let exponent: i32 = exponent.parse().unwrap_or_default();
        return scientific(digits, exponent);
    }
    // serde_json writes one more zero than Python before it uses an exponent.
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("-", rest));
    match digits.strip_prefix("0.0000") {
        Some(digits) if digits.len() == 1 => scientific(&format!("{sign}{digits}"), -5),
        Some(digits) if !digits.is_empty() => {
            let (first, rest) = digits.split_at(1);
            scientific(&format!("{sign}{first}.{rest}"), -5)
        }
        _ => text,
    }
}

fn scientific(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_python_ends_them() {
        assert_eq!(lines(""), [""; 0]);
        assert_eq!(lines("a\nb"), ["a\n", "b"]);
        assert_eq!(lines("a\r\nb\rc\r"), ["a\r\n", "b\r", "c\r"]);
        assert_eq!(lines("\n\n"), ["\n", "\n"]);
        assert_eq!(
            lines("a\x0bb\x0cc\x1cd\u{85}e\u{2028}f"),
            ["a\x0b", "b\x0c", "c\x1c", "d\u{85}", "e\u{2028}", "f"]
        );
        assert_eq!(lines("\x1fé\n"), ["\x1fé\n"]);
    }

    /// The right-hand side is Python 3's `repr` of the left.
    #[test]
    fn numbers_look_as_python_writes_them() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (100.0, "100.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-0.000025, "-2.5e-05"),
            (0.000001, "1e-06"),
            (2_735_490_079_656_149.0 / 4.0, "683872519914037.2"),
            (-1e22, "-1e+22"),
            (1.25e-7, "1.25e-07"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            assert_eq!(python_repr(value), expected);
        }
    }
}
