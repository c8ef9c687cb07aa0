//! An item of a shareable list.

use std::fmt;

use crate::repr::repr;

/// An item of a [`ShareableList`](super::ShareableList): the types that Python's takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Shareable {
    /// Python's `None`.
    None,
    /// A `bool`.
    Bool(bool),
    /// An `int`, of 64 bits.
    Int(i64),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Str(String),
    /// `bytes`.
    Bytes(Vec<u8>),
}

macro_rules! from {
    ($($type:ty => $variant:ident, $convert:expr;)*) => {
        $(
            impl From<$type> for Shareable {
                fn from(value: $type) -> Self {
                    Self::$variant($convert(value))
                }
            }
        )*
    };
}

from! {
    bool => Bool, |value| value;
    i8 => Int, i64::from;
    i16 => Int, i64::from;
    i32 => Int, i64::from;
    i64 => Int, |value| value;
    u8 => Int, i64::from;
    u16 => Int, i64::from;
    u32 => Int, i64::from;
    f32 => Float, f64::from;
    f64 => Float, |value| value;
    &str => Str, String::from;
    String => Str, |value| value;
    &[u8] => Bytes, <[u8]>::to_vec;
    Vec<u8> => Bytes, |value| value;
}

impl<const N: usize> From<&[u8; N]> for Shareable {
    fn from(value: &[u8; N]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl From<()> for Shareable {
    fn from((): ()) -> Self {
        Self::None
    }
}

/// As Python prints it: `None`, `True`, `1`, `0.5`, `'text'`, `b'bytes'`.
impl fmt::Display for Shareable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(value) => f.write_str(&repr(value)),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => f.write_str(&repr(value)),
            Self::Str(value) => f.write_str(&repr(value)),
            Self::Bytes(value) => write_bytes(f, value),
        }
    }
}

fn write_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let quote = match bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        true => '"',
        false => '\'',
    };
    write!(f, "b{quote}")?;
    for &byte in bytes {
        match byte {
            b'\\' => f.write_str("\\\\")?,
            b'\t' => f.write_str("\\t")?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            _ if char::from(byte) == quote => write!(f, "\\{quote}")?,
            b' '..=b'~' => write!(f, "{}", char::from(byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    write!(f, "{quote}")
}
