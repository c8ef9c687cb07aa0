//! Decodes a Jupyter message from arbitrary bytes. Shared by the fuzz target and a kernel test.

use super::replay::Replay;
use super::request::Request;
use super::wire::Key;
use bytes::Bytes;
use zeromq::ZmqMessage;

/// Splits `data` into frames and decodes them. The first byte selects a key or none, and whether to add a valid
/// signature, so that fuzzing reaches the code after the signature check.
pub fn decode(data: &[u8]) {
    let Some((how, data)) = data.split_first() else {
        return;
    };
    let key = Key::new(if how & 1 == 0 { b"" } else { b"secret" });
    let mut frames = split(data);
    if how & 2 != 0 {
        frames.insert(0, Bytes::from_static(b"<IDS|MSG>"));
        let signature = match frames.get(1..5) {
            Some(parts) => key.sign(parts),
            None => String::new(),
        };
        frames.insert(1, signature.into());
    }
    if let Ok(message) = ZmqMessage::try_from(frames) {
        let mut replay = Replay::default();
        let first = Request::decode(message.clone(), &key, &mut replay);
        let second = Request::decode(message, &key, &mut replay);
        // A signed message is accepted only once.
        assert!(first.is_err() || second.is_err() || how & 1 == 0);
    }
}

/// Splits `data` into frames, each after its length in two bytes.
fn split(mut data: &[u8]) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
        frames.push(Bytes::copy_from_slice(&rest[..length]));
        data = &rest[length..];
    }
    frames
}
