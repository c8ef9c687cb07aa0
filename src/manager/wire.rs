//! The protocol between client and server: a request, a reply, a request, …

use std::io;

use super::transport::Transport;

/// The operations of requests. The numbers are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Op {
    Ping,
    Shutdown,
    NewList,
    NewDict,
    NewValue,
    NewLock,
    NewQueue,
    Len,
    Clear,
    All,
    Get,
    Set,
    Append,
    Extend,
    Insert,
    Pop,
    Remove,
    Find,
    Count,
    Reverse,
    Replace,
    Acquire,
    Release,
    Put,
    Take,
    NewCondition,
    NewSemaphore,
    NewEvent,
    NewBarrier,
    NewSlots,
    Locked,
    Wait,
    Notify,
    Reset,
    Abort,
    TaskDone,
    Join,
}

impl Op {
    const ALL: [Self; 37] = [
        Self::Ping,
        Self::Shutdown,
        Self::NewList,
        Self::NewDict,
        Self::NewValue,
        Self::NewLock,
        Self::NewQueue,
        Self::Len,
        Self::Clear,
        Self::All,
        Self::Get,
        Self::Set,
        Self::Append,
        Self::Extend,
        Self::Insert,
        Self::Pop,
        Self::Remove,
        Self::Find,
        Self::Count,
        Self::Reverse,
        Self::Replace,
        Self::Acquire,
        Self::Release,
        Self::Put,
        Self::Take,
        Self::NewCondition,
        Self::NewSemaphore,
        Self::NewEvent,
        Self::NewBarrier,
        Self::NewSlots,
        Self::Locked,
        Self::Wait,
        Self::Notify,
        Self::Reset,
        Self::Abort,
        Self::TaskDone,
        Self::Join,
    ];

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// A request or a reply.
///
/// `code` is an [`Op`], or in a reply 0 or the code of an error. The meaning of `number` and `parts` depends on it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Message<'a> {
    pub(super) code: u8,
    pub(super) object: u32,
    pub(super) number: i64,
    pub(super) parts: Vec<&'a [u8]>,
}

/// The bytes of a frame before the parts: its total length, the code, the object, the number.
const HEADER_LEN: usize = 8 + 1 + 4 + 8;

impl<'a> Message<'a> {
    pub(super) fn send(&self, transport: &mut Transport, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.clear();
        buffer.extend_from_slice(&[0; 8]);
        buffer.push(self.code);
        buffer.extend_from_slice(&self.object.to_le_bytes());
        buffer.extend_from_slice(&self.number.to_le_bytes());
        for part in &self.parts {
            buffer.extend_from_slice(&(part.len() as u64).to_le_bytes());
            buffer.extend_from_slice(part);
        }
        let length = buffer.len() as u64;
        buffer[..8].copy_from_slice(&length.to_le_bytes());
        transport.send(buffer)
    }

    /// Blocks until a message arrives. `UnexpectedEof`: the other side has gone.
    pub(super) fn receive(transport: &mut Transport, buffer: &'a mut Vec<u8>) -> io::Result<Self> {
        let frame = transport.receive(buffer)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "malformed message");
        let (head, mut rest) = frame.split_at_checked(HEADER_LEN).ok_or_else(damaged)?;
        let mut parts = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk::<8>() {
            let length = u64::from_le_bytes(*length) as usize;
            let (part, after) = after.split_at_checked(length).ok_or_else(damaged)?;
            parts.push(part);
            rest = after;
        }
        Ok(Self {
            code: head[8],
            object: u32::from_le_bytes([head[9], head[10], head[11], head[12]]),
            number: head[13..]
                .iter()
                .rev()
                .fold(0, |number, &byte| number << 8 | i64::from(byte)),
            parts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_as_they_were_sent() {
        let (mut a, mut b) = Transport::pair();
        let long = vec![7; 100_000];
        let sent = Message {
            code: Op::Take as u8,
            object: 70_000,
            number: -2,
            parts: vec![b"", &long, b"x"],
        };
        std::thread::scope(|s| {
            s.spawn(|| sent.send(&mut a, &mut Vec::new()).unwrap());
            let mut buffer = Vec::new();
            let received = Message::receive(&mut b, &mut buffer).unwrap();
            assert_eq!(received, sent);
        });
    }

    #[test]
    fn the_codes_of_operations_are_their_places() {
        for (code, op) in Op::ALL.into_iter().enumerate() {
            assert_eq!(op as usize, code);
            assert_eq!(Op::from_code(code as u8), Some(op));
        }
        assert_eq!(Op::from_code(37), None);
    }
}
