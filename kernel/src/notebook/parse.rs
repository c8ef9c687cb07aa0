//! Parses a notebook's JSON.
//!
//! A file stores texts as lists of lines, which take many times their size in memory. So the parser joins the lines of
//! each cell as soon as it has read the cell.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{layout, python_json};

/// Parses the content of a notebook file. Returns `null` if it is not an object.
///
/// # Errors
/// When it is not JSON, not even in Python's dialect.
pub fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    // Some programs write a byte order mark.
    let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => parse_with(serde_json::Deserializer::from_str(&python_json::read(text))),
        Err(_) => parse_with(serde_json::Deserializer::from_slice(bytes)),
    }
}

fn parse_with<'de>(
    mut deserializer: serde_json::Deserializer<impl serde_json::de::Read<'de>>,
) -> serde_json::Result<Value> {
    let notebook = deserializer.deserialize_any(Part::Notebook)?;
    deserializer.end()?;
    Ok(notebook)
}

/// The position of the parser. A value of the wrong type becomes `null`, which the reader of the notebook rejects.
enum Part {
    /// The object at the top.
    Notebook,
    /// The list in it.
    Cells,
}

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut notebook = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = match (&self, key.as_str()) {
                (Self::Notebook, "cells") => entries.next_value_seed(Self::Cells)?,
                (Self::Notebook, _) => entries.next_value()?,
                (Self::Cells, _) => {
                    entries.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            notebook.insert(key, value);
        }
        Ok(match self {
            Self::Notebook => Value::Object(notebook),
            Self::Cells => Value::Null,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let Self::Cells = self else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        };
        let mut cells = Vec::new();
        while let Some(mut cell) = items.next_element::<Value>()? {
            layout::join_lines(&mut cell);
            cells.push(cell);
        }
        Ok(Value::Array(cells))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
