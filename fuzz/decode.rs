//! Decodes a Jupyter message from any bytes. The fuzz target and a test of the kernel share it.

use super::replay::Replay;
use super::request::Request;
use super::wire::Key;
use bytes::Bytes;
use zeromq::ZmqMessage;

/// Takes bytes apart into frames and decodes them. The first byte says how: with a key or
/// without, and whether the signature is made right, for what comes after it to be reached.
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
        // What is signed is taken once.
        assert!(first.is_err() || second.is_err() || how & 1 == 0);
    }
}

/// Frames of the lengths that stand before them.
fn split(mut data: &[u8]) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
        frames.push(Bytes::copy_from_slice(&rest[..length]));
        data = &rest[length..];
    }
    frames
}
