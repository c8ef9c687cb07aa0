//! The messages to the kernel, as postcard writes them.

use serde::ser::{Serialize, SerializeStructVariant, Serializer};

use super::bundle::{Bundle, Content};

/// What the kernel is asked to show.
///
/// Serialized by hand rather than by a derive, which would add a macro crate to what every cell's compiler loads.
pub(crate) enum Message<'a> {
    Display { id: &'a str, bundle: &'a Bundle },
    Update { id: &'a str, bundle: &'a Bundle },
    Clear { wait: bool },
}

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Display { id, bundle } => {
                let mut fields = serializer.serialize_struct_variant("Message", 0, "Display", 3)?;
                fields.serialize_field("id", &Some(id))?;
                fields.serialize_field("data", &bundle.data)?;
                fields.serialize_field("metadata", &bundle.metadata)?;
                fields.end()
            }
            Self::Update { id, bundle } => {
                let mut fields = serializer.serialize_struct_variant("Message", 1, "Update", 3)?;
                fields.serialize_field("id", id)?;
                fields.serialize_field("data", &bundle.data)?;
                fields.serialize_field("metadata", &bundle.metadata)?;
                fields.end()
            }
            Self::Clear { wait } => {
                let mut fields = serializer.serialize_struct_variant("Message", 2, "Clear", 1)?;
                fields.serialize_field("wait", wait)?;
                fields.end()
            }
        }
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_newtype_variant("Content", 0, "Text", text),
            Self::Json(json) => serializer.serialize_newtype_variant("Content", 1, "Json", json),
            Self::Bytes(bytes) => {
                serializer.serialize_newtype_variant("Content", 2, "Bytes", bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(message: &Message<'_>) -> Vec<u8> {
        postcard::to_stdvec(message).unwrap()
    }

    #[test]
    fn the_bytes_are_the_protocol() {
        let bundle = Bundle::new()
            .text("a", "b")
            .json("c", "{}")
            .bytes("d", [7, 8])
            .metadata("{}");
        let data = b"\x03\x01a\x00\x01b\x01c\x01\x02{}\x01d\x02\x02\x07\x08\x02{}";
        let display = Message::Display {
            id: "x",
            bundle: &bundle,
        };
        assert_eq!(
            bytes(&display),
            [b"\x00\x01\x01x".as_slice(), data].concat()
        );
        let update = Message::Update {
            id: "x",
            bundle: &bundle,
        };
        assert_eq!(bytes(&update), [b"\x01\x01x".as_slice(), data].concat());
        assert_eq!(bytes(&Message::Clear { wait: true }), [2, 1]);
        assert_eq!(bytes(&Message::Clear { wait: false }), [2, 0]);
    }
}
