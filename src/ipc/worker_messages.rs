//! Messages that a worker process sends through a pipe of its own: a kind, a number, and bytes.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::future::panic_message;

/// The length of a message's header: its kind, its number, and the length of what follows.
pub(crate) const HEADER_LEN: usize = 1 + 8 + 8;

/// The bytes are what the work has written.
pub(crate) const VALUE: u8 = 0;
/// The work panicked; the bytes are the message.
pub(crate) const PANICKED: u8 = 1;
/// The work failed; the bytes say why.
pub(crate) const FAILED: u8 = 2;
/// Kinds from here on are the caller's own.
pub(crate) const FIRST_OTHER: u8 = 3;

/// Does `work`, which adds its value to the bytes that it is given, and sends that value, or why there is none.
/// `message` is a buffer.
pub(crate) fn send_outcome(
    results: &PipeWriter,
    number: u64,
    message: &mut Vec<u8>,
    work: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    message.clear();
    message.resize(HEADER_LEN, 0);
    let (kind, text) = match catch_unwind(AssertUnwindSafe(|| work(message))) {
        Ok(Ok(())) => return send(results, VALUE, number, message),
        Ok(Err(error)) => (FAILED, error.to_string()),
        Err(payload) => (PANICKED, panic_message(payload)),
    };
    send_text(results, kind, number, &text)
}

/// Sends a message that is a text.
pub(crate) fn send_text(results: &PipeWriter, kind: u8, number: u64, text: &str) -> io::Result<()> {
    let mut message = vec![0; HEADER_LEN];
    message.extend_from_slice(text.as_bytes());
    send(results, kind, number, &mut message)
}

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
pub(crate) fn receive(results: &PipeReader, buffer: &mut Vec<u8>) -> usize {
    const READ_SIZE: usize = 64 * 1024;
    buffer.reserve(READ_SIZE);
    let room = buffer.spare_capacity_mut();
    let count = loop {
        // SAFETY: the pointer and the length are those of `room`, to which the call only writes. Initializing it first
        // would take longer than the call.
        let count =
            unsafe { libc::read(results.as_raw_fd(), room.as_mut_ptr().cast(), room.len()) };
        match usize::try_from(count) {
            Ok(count) => break count,
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break 0,
        }
    };
    // SAFETY: the call has written so many bytes behind the old ones.
    unsafe { buffer.set_len(buffer.len() + count) };
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
        let (results, sender) = io::pipe().unwrap();
        let mut message = vec![0; HEADER_LEN];
        send(&sender, 3, 0, &mut message).unwrap();
        message.extend_from_slice(b"text");
        send(&sender, 1, u64::MAX, &mut message).unwrap();
        drop(sender);
        let (mut buffer, mut taken) = (Vec::new(), Vec::new());
        while receive(&results, &mut buffer) > 0 {}
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
