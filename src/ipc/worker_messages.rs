//! Messages that a worker process sends through a pipe of its own: a kind, a number, and bytes.

use std::io::{self, PipeReader, PipeWriter, Read, Write};

/// The length of a message's header: its kind, its number, and the length of what follows.
pub(crate) const HEADER_LEN: usize = 1 + 8 + 8;

/// Sends a message, which begins with room for the header.
pub(crate) fn send(
    mut results: &PipeWriter,
    kind: u8,
    number: u64,
    message: &mut [u8],
) -> io::Result<()> {
    let length = (message.len() - HEADER_LEN) as u64;
    message[0] = kind;
    message[1..9].copy_from_slice(&number.to_le_bytes());
    message[9..HEADER_LEN].copy_from_slice(&length.to_le_bytes());
    results.write_all(message)
}

/// Adds the available bytes to `buffer`. Returns how many those are; 0: the pipe is closed.
pub(crate) fn receive(results: &mut PipeReader, buffer: &mut Vec<u8>) -> usize {
    const READ_SIZE: usize = 64 * 1024;
    let old = buffer.len();
    buffer.resize(old + READ_SIZE, 0);
    let count = loop {
        match results.read(&mut buffer[old..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other.unwrap_or(0),
        }
    };
    buffer.truncate(old + count);
    count
}

/// Removes the complete messages from `buffer`, and calls `handle` with the kind, the number and the bytes of each.
pub(crate) fn take(buffer: &mut Vec<u8>, mut handle: impl FnMut(u8, u64, &[u8])) {
    let mut rest = &buffer[..];
    while let Some((head, body)) = rest.split_first_chunk::<HEADER_LEN>() {
        let (number, length) = (little_endian(&head[1..9]), little_endian(&head[9..]));
        let Some((bytes, after)) = body.split_at_checked(length as usize) else {
            break;
        };
        handle(head[0], number, bytes);
        rest = after;
    }
    let used = buffer.len() - rest.len();
    buffer.drain(..used);
}

fn little_endian(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_whole_however_they_are_cut() {
        let (mut results, sender) = io::pipe().unwrap();
        let mut message = vec![0; HEADER_LEN];
        send(&sender, 3, 0, &mut message).unwrap();
        message.extend_from_slice(b"text");
        send(&sender, 1, u64::MAX, &mut message).unwrap();
        drop(sender);
        let (mut buffer, mut taken) = (Vec::new(), Vec::new());
        while receive(&mut results, &mut buffer) > 0 {}
        let bytes = std::mem::take(&mut buffer);
        for byte in bytes {
            buffer.push(byte);
            take(&mut buffer, |kind, number, bytes| {
                taken.push((kind, number, bytes.to_vec()))
            });
        }
        assert_eq!(taken, [(3, 0, vec![]), (1, u64::MAX, b"text".to_vec())]);
        assert!(buffer.is_empty());
    }
}
