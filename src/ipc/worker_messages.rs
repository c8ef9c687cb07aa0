//! Messages that a worker process sends through a pipe of its own: a kind, a number, and bytes.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::future::panic_message;

/// The length of a message's header: its kind, its number, and the length of what follows.
const HEADER_LEN: usize = LENGTH_AT + 8;
const LENGTH_AT: usize = 1 + 8;

/// The bytes are what the work has written.
pub(crate) const VALUE: u8 = 0;
/// The work panicked; the bytes are the message.
pub(crate) const PANICKED: u8 = 1;
/// The work failed; the bytes say why.
pub(crate) const FAILED: u8 = 2;
/// Kinds from here on are the caller's own.
pub(crate) const FIRST_OTHER: u8 = 3;

/// Adds a message to `buffer`.
pub(crate) fn add(buffer: &mut Vec<u8>, kind: u8, number: u64, bytes: &[u8]) {
    buffer.push(kind);
    buffer.extend_from_slice(&number.to_le_bytes());
    buffer.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    buffer.extend_from_slice(bytes);
}

/// Does `work`, which adds its value to `buffer`, and makes a message of that value, or of why there is none.
pub(crate) fn add_outcome(
    buffer: &mut Vec<u8>,
    number: u64,
    work: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) {
    let start = buffer.len();
    add(buffer, VALUE, number, &[]);
    let (kind, text) = match catch_unwind(AssertUnwindSafe(|| work(buffer))) {
        Ok(Ok(())) => {
            let length = (buffer.len() - start - HEADER_LEN) as u64;
            buffer[start + LENGTH_AT..][..8].copy_from_slice(&length.to_le_bytes());
            return;
        }
        Ok(Err(error)) => (FAILED, error.to_string()),
        Err(payload) => (PANICKED, panic_message(payload)),
    };
    buffer.truncate(start);
    add(buffer, kind, number, text.as_bytes());
}

/// Sends the messages in `buffer`, which is empty then, in one write if the pipe takes it.
pub(crate) fn send(mut pipe: &PipeWriter, buffer: &mut Vec<u8>) -> io::Result<()> {
    let sent = pipe.write_all(buffer);
    buffer.clear();
    sent
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
        let (number, length) = head[1..].split_at(8);
        let (number, length) = (little_endian(number), little_endian(length));
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
        let mut messages = Vec::new();
        add(&mut messages, 5, 0, b"");
        add(&mut messages, 6, u64::MAX, b"text");
        add_outcome(&mut messages, 7, |bytes| {
            bytes.extend_from_slice(b"value");
            Ok(())
        });
        add_outcome(&mut messages, 8, |bytes| {
            bytes.extend_from_slice(b"a part of it");
            Err(io::Error::other("why"))
        });
        send(&sender, &mut messages).unwrap();
        assert!(messages.is_empty());
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
        let expected = [
            (5, 0, "".into()),
            (6, u64::MAX, "text".into()),
            (VALUE, 7, "value".into()),
            (FAILED, 8, "why".into()),
        ];
        assert_eq!(taken, expected);
        assert!(buffer.is_empty());
    }
}
