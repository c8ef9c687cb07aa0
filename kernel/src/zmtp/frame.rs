//! Reads and writes frames, which follow the greeting on a connection.

use super::Message;
use bytes::{BufMut, Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// Limits on what a peer may send.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The maximum size of a message, all frames together, in bytes.
    pub bytes: usize,
    /// The maximum number of frames of a message.
    pub frames: usize,
}

/// A message or a command from a peer.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    Message(Message),
    Command(Bytes),
}

/// Reads a message or a command.
///
/// # Errors
/// If the peer disconnects, or violates the protocol or the limits.
pub async fn read(from: &mut (impl AsyncRead + Unpin), limits: Limits) -> io::Result<Received> {
    let mut message = Message::new();
    let mut remaining = limits.bytes;
    loop {
        let flags = from.read_u8().await?;
        if flags & !(MORE | LONG | COMMAND) != 0 {
            return Err(broken("reserved flags"));
        }
        let length = match flags & LONG {
            0 => u64::from(from.read_u8().await?),
            _ => from.read_u64().await?,
        };
        if length > remaining as u64 || message.len() == limits.frames {
            return Err(broken("message too long"));
        }
        remaining -= length as usize;
        // Grows with the bytes received, not with the announced length.
        let mut body = Vec::new();
        (&mut *from).take(length).read_to_end(&mut body).await?;
        if (body.len() as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match (flags & COMMAND != 0, flags & MORE != 0) {
            (true, false) if message.is_empty() => return Ok(Received::Command(body.into())),
            (true, _) => return Err(broken("a command inside a message")),
            (false, more) => {
                message.push(body.into());
                if !more {
                    return Ok(Received::Message(message));
                }
            }
        }
    }
}

/// Encodes a message.
pub fn encode(message: &[Bytes]) -> Bytes {
    let mut to = BytesMut::with_capacity(message.iter().map(|frame| frame.len() + 9).sum());
    for (index, frame) in message.iter().enumerate() {
        let more = if index + 1 < message.len() { MORE } else { 0 };
        put(&mut to, more, frame);
    }
    to.freeze()
}

/// Encodes a command.
pub fn encode_command(body: &[u8]) -> Bytes {
    let mut to = BytesMut::new();
    put(&mut to, COMMAND, body);
    to.freeze()
}

fn put(to: &mut BytesMut, flags: u8, body: &[u8]) {
    match u8::try_from(body.len()) {
        Ok(length) => {
            to.put_u8(flags);
            to.put_u8(length);
        }
        Err(_) => {
            to.put_u8(flags | LONG);
            to.put_u64(body.len() as u64);
        }
    }
    to.put_slice(body);
}

pub fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
