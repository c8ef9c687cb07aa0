//! The ZMTP handshake: two peers exchange their versions and socket types.

use super::frame::{self, Limits, Received, broken};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::collections::HashMap;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The length of a greeting, in bytes.
const GREETING_BYTES: usize = 64;
const MECHANISM: &[u8] = b"NULL";
const READY: &[u8] = b"READY";

/// The type of a local socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketType {
    Router,
    Publisher,
    Reply,
}

impl SocketType {
    fn name(self) -> &'static str {
        match self {
            SocketType::Router => "ROUTER",
            SocketType::Publisher => "XPUB",
            SocketType::Reply => "REP",
        }
    }

    /// Returns the socket types that a peer may have.
    fn peers(self) -> &'static [&'static str] {
        match self {
            SocketType::Router => &["DEALER", "REQ", "ROUTER"],
            SocketType::Publisher => &["SUB", "XSUB"],
            SocketType::Reply => &["REQ", "DEALER"],
        }
    }
}

/// Shakes hands with a peer and returns the identity it sends; empty if it sends none.
///
/// # Errors
/// If the peer disconnects, speaks another protocol, or has an incompatible socket type.
pub async fn shake_hands(
    reader: &mut (impl AsyncRead + Unpin),
    writer: &mut (impl AsyncWrite + Unpin),
    socket: SocketType,
) -> io::Result<Bytes> {
    writer.write_all(&greeting()).await?;
    let mut theirs = [0; GREETING_BYTES];
    reader.read_exact(&mut theirs).await?;
    check_greeting(&theirs)?;

    writer
        .write_all(&frame::encode_command(&ready(socket)))
        .await?;
    let limits = Limits {
        bytes: 4096,
        frames: 1,
    };
    let Received::Command(command) = frame::read(reader, limits).await? else {
        return Err(broken("a message before the end of the handshake"));
    };
    let mut properties = properties(command).ok_or_else(|| broken("not a READY command"))?;
    let theirs = properties.remove("socket-type").unwrap_or_default();
    if !socket.peers().iter().any(|name| name.as_bytes() == theirs) {
        return Err(broken("incompatible socket type"));
    }
    Ok(properties.remove("identity").unwrap_or_default())
}

fn greeting() -> [u8; GREETING_BYTES] {
    let mut greeting = [0; GREETING_BYTES];
    greeting[0] = 0xff;
    greeting[9] = 0x7f;
    // Version 3.0: subscriptions are messages.
    greeting[10] = 3;
    greeting[12..12 + MECHANISM.len()].copy_from_slice(MECHANISM);
    greeting
}

fn check_greeting(theirs: &[u8; GREETING_BYTES]) -> io::Result<()> {
    if theirs[0] != 0xff || theirs[9] & 1 != 1 || theirs[10] < 3 {
        return Err(broken("not a ZMTP 3 greeting"));
    }
    let mechanism = theirs[12..32].split(|byte| *byte == 0).next();
    if mechanism != Some(MECHANISM) {
        return Err(broken("security mechanism is not NULL"));
    }
    Ok(())
}

fn ready(socket: SocketType) -> Bytes {
    const SOCKET_TYPE: &[u8] = b"Socket-Type";
    let mut command = BytesMut::new();
    command.put_u8(READY.len() as u8);
    command.put_slice(READY);
    command.put_u8(SOCKET_TYPE.len() as u8);
    command.put_slice(SOCKET_TYPE);
    command.put_u32(socket.name().len() as u32);
    command.put_slice(socket.name().as_bytes());
    command.freeze()
}

/// Returns the properties of a READY command, with names in lower case; `None` if it is anything else.
fn properties(mut command: Bytes) -> Option<HashMap<String, Bytes>> {
    if take_short(&mut command)? != READY {
        return None;
    }
    let mut properties = HashMap::new();
    while !command.is_empty() {
        let name = take_short(&mut command)?;
        let length = command.try_get_u32().ok()? as usize;
        let value = take(&mut command, length)?;
        let name = std::str::from_utf8(&name).ok()?.to_ascii_lowercase();
        properties.insert(name, value);
    }
    Some(properties)
}

fn take_short(from: &mut Bytes) -> Option<Bytes> {
    let length = from.try_get_u8().ok()?;
    take(from, length.into())
}

fn take(from: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= from.len()).then(|| from.split_to(length))
}
