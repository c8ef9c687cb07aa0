//! How an item of a list is stored: the text that says so, and the bytes.
//!
//! This is the format of CPython's `ShareableList`, so that both languages can use one list. Each item has a slot of 8
//! bytes or a multiple, a format of Python's `struct` module in 8 bytes, and a code for what that format does not say.

use super::shareable::Shareable;

/// The size of a number's slot, and the unit of a text's.
pub(super) const UNIT: usize = 8;

const INT: &str = "q";
const FLOAT: &str = "d";
const BOOL: &str = "xxxxxxx?";
const NONE: &str = "xxxxxx?x";

/// The codes for what the format does not say.
const PLAIN: u8 = 0;
const STR: u8 = 1;
const BYTES: u8 = 2;
const IS_NONE: u8 = 3;

/// An item as it is stored.
pub(super) struct Stored {
    pub(super) format: String,
    pub(super) code: u8,
    pub(super) bytes: Vec<u8>,
}

impl Stored {
    /// Encodes an item for a slot of its own size.
    pub(super) fn new(item: &Shareable) -> Self {
        Self::in_slot(item, slot_size(item))
    }

    /// Encodes an item for a slot of `size` bytes. A text is as long as the slot at most: the caller has checked.
    pub(super) fn in_slot(item: &Shareable, size: usize) -> Self {
        let number = |format: &str, code, bytes: [u8; UNIT]| Self {
            format: format.into(),
            code,
            bytes: bytes.into(),
        };
        let text = |text: &[u8], code| {
            let mut bytes = text.to_vec();
            bytes.resize(size, 0);
            Self {
                format: format!("{size}s"),
                code,
                bytes,
            }
        };
        match item {
            Shareable::None => number(NONE, IS_NONE, [0; UNIT]),
            Shareable::Bool(value) => number(BOOL, PLAIN, [0, 0, 0, 0, 0, 0, 0, u8::from(*value)]),
            Shareable::Int(value) => number(INT, PLAIN, value.to_ne_bytes()),
            Shareable::Float(value) => number(FLOAT, PLAIN, value.to_ne_bytes()),
            Shareable::Str(value) => text(value.as_bytes(), STR),
            Shareable::Bytes(value) => text(value, BYTES),
        }
    }

    /// Decodes an item from its slot. The error says what is wrong.
    pub(super) fn item(format: &str, code: u8, slot: &[u8]) -> Result<Shareable, String> {
        let unit = || slot.first_chunk::<UNIT>().ok_or("its slot is too small");
        Ok(match (format, code) {
            (_, IS_NONE) => Shareable::None,
            (INT, _) => Shareable::Int(i64::from_ne_bytes(*unit()?)),
            (FLOAT, _) => Shareable::Float(f64::from_ne_bytes(*unit()?)),
            (BOOL, _) => Shareable::Bool(unit()?[7] != 0),
            _ => {
                let length = format
                    .strip_suffix('s')
                    .and_then(|length| length.parse().ok());
                let text = length
                    .and_then(|length: usize| slot.get(..length))
                    .ok_or_else(|| format!("its format is {format:?}"))?;
                let end = text
                    .iter()
                    .rposition(|&byte| byte != 0)
                    .map_or(0, |last| last + 1);
                match code {
                    BYTES => Shareable::Bytes(text[..end].to_vec()),
                    _ => String::from_utf8(text[..end].to_vec())
                        .map(Shareable::Str)
                        .map_err(|error| error.to_string())?,
                }
            }
        })
    }
}

/// The size of the slot of a new item: a text has room for at least one more byte, as in Python.
pub(super) fn slot_size(item: &Shareable) -> usize {
    match text_of(item) {
        Some(text) => UNIT * (text.len() / UNIT + 1),
        None => UNIT,
    }
}

/// The bytes of a text; None: the item is none.
pub(super) fn text_of(item: &Shareable) -> Option<&[u8]> {
    match item {
        Shareable::Str(text) => Some(text.as_bytes()),
        Shareable::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}
