//! Serialization of values.

use std::any::Any;
use std::cell::Cell;
use std::io;

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A type that can be sent between processes: every type with serde's `Serialize` and `Deserialize` that owns its data.
///
/// Numbers, `bool`, `char`, `String`, `()`, and tuples, `Vec`, `Option`, `HashMap` and the like of them have both. Your
/// own structs derive them, with this crate's serde. References cannot be sent: send a `String` for a `&str`.
///
/// Python may find at run time that it cannot pickle a value; here the compiler says so.
///
/// ```
/// use threadbook::prelude::*;
/// use threadbook::serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// #[serde(crate = "threadbook::serde")]
/// struct Sale {
///     name: String,
///     tickets: u32,
/// }
///
/// let sales = Queue::new();
/// sales.put(Sale { name: "Kim".to_string(), tickets: 3 })?;
/// assert_eq!(sales.get()?.tickets, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent between processes",
    note = "it needs serde's `Serialize` and `Deserialize`, and no references: send a `String` for a `&str`"
)]
pub trait Item: Serialize + DeserializeOwned + 'static {}

impl<T: Serialize + DeserializeOwned + 'static> Item for T {}

/// Serializes `value` to the end of `bytes`.
pub(crate) fn encode<T: Item>(value: &T, bytes: &mut Vec<u8>) -> io::Result<()> {
    // serde would serialize a `Vec<u8>` byte by byte.
    if let Some(plain) = (value as &dyn Any).downcast_ref::<Vec<u8>>() {
        bytes.extend_from_slice(plain);
        return Ok(());
    }
    encode_any(value, bytes)
}

/// Returns the serialized `value`: its own bytes if it consists of them, else in `buffer`.
pub(crate) fn bytes_of<'a, T: Item>(value: &'a T, buffer: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
    if let Some(plain) = (value as &dyn Any).downcast_ref::<Vec<u8>>() {
        return Ok(plain);
    }
    encode_any(value, buffer)?;
    Ok(buffer)
}

/// Serializes a value that may borrow to the end of `bytes`.
pub(crate) fn encode_any<T: Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> io::Result<()> {
    postcard::serialize_with_flavor(value, Append(bytes))
        .map_err(|error| invalid(format!("cannot serialize the value: {error}")))
}

/// Deserializes a value from all of `bytes`.
pub(crate) fn decode<T: Item>(bytes: &[u8]) -> io::Result<T> {
    let mut value: Option<T> = None;
    if let Some(plain) = (&mut value as &mut dyn Any).downcast_mut::<Option<Vec<u8>>>() {
        *plain = Some(bytes.to_vec());
    }
    match value {
        Some(value) => Ok(value),
        None => decode_any(bytes),
    }
}

/// As [`decode`]. If the value consists of these bytes, it takes them instead of copying them.
pub(crate) fn take_value<T: Item>(bytes: &mut Vec<u8>) -> io::Result<T> {
    let mut value: Option<T> = None;
    if bytes.len() >= bytes.capacity() / 2
        && let Some(plain) = (&mut value as &mut dyn Any).downcast_mut::<Option<Vec<u8>>>()
    {
        *plain = Some(std::mem::take(bytes));
    }
    match value {
        Some(value) => Ok(value),
        None => decode(bytes),
    }
}

/// As [`decode`], for a type that was serialized by [`encode_any`].
pub(crate) fn decode_any<T: DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(invalid("the message is longer than the value".into())),
        Err(error) => Err(invalid(format!(
            "cannot deserialize the message as this type: {error}"
        ))),
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Calls `work` with a buffer that this thread reuses.
pub(crate) fn with_buffer<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    /// A larger buffer is not kept.
    const MAX_KEPT_BYTES: usize = 1 << 20;

    thread_local! {
        static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }
    // Taken out while in use: `work` may get here again through a user's `Serialize`.
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    buffer.clear();
    let result = work(&mut buffer);
    if buffer.capacity() <= MAX_KEPT_BYTES {
        // A thread that is exiting has no place for it any more.
        let _ = BUFFER.try_with(|kept| kept.set(buffer));
    }
    result
}

struct Append<'a>(&'a mut Vec<u8>);

impl Flavor for Append<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::fmt::Debug;

    fn same<T: Item + PartialEq + Debug>(value: T) {
        let mut bytes = Vec::new();
        encode(&value, &mut bytes).unwrap();
        assert_eq!(decode::<T>(&bytes).unwrap(), value);
        assert_eq!(bytes_of(&value, &mut Vec::new()).unwrap(), bytes);
        assert_eq!(take_value::<T>(&mut bytes).unwrap(), value);
    }

    #[test]
    fn types_without_derive_come_back_as_they_were() {
        same(());
        same((1u8, -5i64, 'ß', true, 1.5f32));
        same(String::from("text"));
        same(vec![Some("a".to_string()), None]);
        same(HashMap::from([("k".to_string(), vec![1, 2])]));
        same(vec![0u8, 255]);
        same(Vec::<u8>::new());
    }

    #[test]
    fn a_large_buffer_is_not_given_away_for_few_bytes() {
        let mut bytes = Vec::with_capacity(1000);
        bytes.extend([1, 2]);
        let value: Vec<u8> = take_value(&mut bytes).unwrap();
        assert_eq!((value.as_slice(), bytes.capacity()), (&[1, 2][..], 1000));
        let mut bytes = vec![7; 1000];
        let first = bytes.as_ptr();
        let value: Vec<u8> = take_value(&mut bytes).unwrap();
        assert_eq!((value.as_ptr(), value), (first, vec![7; 1000]));
    }

    #[test]
    fn bytes_of_another_type_are_refused() {
        let mut bytes = Vec::new();
        encode(&"long text".to_string(), &mut bytes).unwrap();
        assert!(decode::<bool>(&bytes).is_err());
        let longer = decode::<u8>(&bytes).unwrap_err();
        assert!(longer.to_string().contains("longer than the value"));
    }
}
