//! Batches output into messages: the first bytes are sent at once, those that follow within 50 ms
//! together. No message splits a character, and none ends in `\r`, which JupyterLab would lose
//! (jupyterlab issue 16995).

use crate::ipc::Stream;
use std::time::{Duration, Instant};

/// The shortest time between two messages, unless something else forces one.
const INTERVAL: Duration = Duration::from_millis(50);

/// The largest batch that is held back, in bytes.
const MAX_BATCH_BYTES: usize = 64 * 1024;

/// Text to be sent as one message.
pub type Chunk = (Stream, String);

pub struct OutputBatch {
    pending: [Vec<u8>; 2],
    /// The stream that was written to last. Of the other, only bytes that cannot be shown yet are pending.
    current: Stream,
    sent: Option<Instant>,
}

impl OutputBatch {
    pub fn new() -> OutputBatch {
        OutputBatch {
            pending: [Vec::new(), Vec::new()],
            current: Stream::Stdout,
            sent: None,
        }
    }

    /// Takes bytes written to `stream`, and returns what to send now.
    pub fn push(&mut self, stream: Stream, bytes: &[u8], now: Instant) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        if stream != self.current {
            chunks.extend(self.take(now));
            self.current = stream;
        }
        self.pending[stream as usize].extend_from_slice(bytes);
        let due = self.deadline().is_none_or(|deadline| deadline <= now);
        if due || self.pending[stream as usize].len() > MAX_BATCH_BYTES {
            chunks.extend(self.take(now));
        }
        chunks
    }

    /// Returns when [`OutputBatch::poll`] will have something to send, or `None` while nothing is pending.
    pub fn deadline(&self) -> Option<Instant> {
        let sendable = sendable(&self.pending[self.current as usize]);
        self.sent
            .filter(|_| sendable > 0)
            .map(|sent| sent + INTERVAL)
    }

    /// Returns what is due.
    pub fn poll(&mut self, now: Instant) -> Option<Chunk> {
        self.deadline().filter(|&deadline| deadline <= now)?;
        self.take(now)
    }

    /// Returns everything, including incomplete bytes. The next bytes will be sent at once again.
    pub fn finish(&mut self) -> Vec<Chunk> {
        self.sent = None;
        let other = if self.current == Stream::Stdout {
            Stream::Stderr
        } else {
            Stream::Stdout
        };
        [other, self.current]
            .into_iter()
            .filter_map(|stream| {
                let bytes = std::mem::take(&mut self.pending[stream as usize]);
                (!bytes.is_empty()).then(|| (stream, text(&bytes)))
            })
            .collect()
    }

    fn take(&mut self, now: Instant) -> Option<Chunk> {
        let pending = &mut self.pending[self.current as usize];
        let length = sendable(pending);
        if length == 0 {
            return None;
        }
        self.sent = Some(now);
        let bytes: Vec<u8> = pending.drain(..length).collect();
        Some((self.current, text(&bytes)))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns how many bytes can be shown without those that follow.
fn sendable(bytes: &[u8]) -> usize {
    let whole = &bytes[..bytes.len() - partial_char_len(bytes)];
    whole
        .iter()
        .rposition(|&byte| byte != b'\r')
        .map_or(0, |last| last + 1)
}

/// Returns how many bytes at the end are an incomplete UTF-8 character: 0 to 3.
fn partial_char_len(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let needed = match bytes[bytes.len() - back] {
            0b1100_0000..=0b1101_1111 => 2,
            0b1110_0000..=0b1110_1111 => 3,
            0b1111_0000..=0b1111_0111 => 4,
            0b1000_0000..=0b1011_1111 => continue,
            _ => return 0,
        };
        return if needed > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use Stream::{Stderr, Stdout};

    fn chunk(stream: Stream, text: &str) -> Chunk {
        (stream, text.to_owned())
    }

    #[test]
    fn the_first_bytes_go_at_once_and_the_next_together() {
        let start = Instant::now();
        let mut output = OutputBatch::new();
        assert_eq!(output.push(Stdout, b"a", start), [chunk(Stdout, "a")]);
        assert_eq!(output.push(Stdout, b"b", start), []);
        assert_eq!(output.push(Stdout, b"c", start), []);
        assert_eq!(output.deadline(), Some(start + INTERVAL));
        assert_eq!(output.poll(start), None);
        assert_eq!(output.poll(start + INTERVAL), Some(chunk(Stdout, "bc")));
        assert_eq!(output.deadline(), None);
    }

    #[test]
    fn after_a_pause_bytes_go_at_once_again() {
        let start = Instant::now();
        let mut output = OutputBatch::new();
        output.push(Stdout, b"\rstep 0", start);
        let later = start + Duration::from_millis(200);
        assert_eq!(
            output.push(Stdout, b"\rstep 1", later),
            [chunk(Stdout, "\rstep 1")]
        );
    }

    #[test]
    fn streams_keep_their_order() {
        let start = Instant::now();
        let mut output = OutputBatch::new();
        output.push(Stdout, b"1", start);
        assert_eq!(output.push(Stdout, b"2", start), []);
        assert_eq!(output.push(Stderr, b"3", start), [chunk(Stdout, "2")]);
        assert_eq!(output.push(Stdout, b"4", start), [chunk(Stderr, "3")]);
        assert_eq!(output.finish(), [chunk(Stdout, "4")]);
    }

    #[test]
    fn a_cut_character_waits_for_its_end() {
        let start = Instant::now();
        let mut output = OutputBatch::new();
        let bar = "█".as_bytes();
        assert_eq!(
            output.push(Stdout, &[b"a", &bar[..2]].concat(), start),
            [chunk(Stdout, "a")]
        );
        assert_eq!(
            output.push(Stderr, b"!", start + INTERVAL),
            [chunk(Stderr, "!")]
        );
        let later = start + INTERVAL * 3;
        assert_eq!(output.push(Stdout, &bar[2..], later), [chunk(Stdout, "█")]);
    }

    #[test]
    fn a_carriage_return_begins_the_next_message() {
        let start = Instant::now();
        let mut output = OutputBatch::new();
        assert_eq!(output.push(Stdout, b"10%\r", start), [chunk(Stdout, "10%")]);
        assert_eq!(output.deadline(), None);
        assert_eq!(
            output.push(Stdout, b"20%\r", start + INTERVAL),
            [chunk(Stdout, "\r20%")]
        );
        assert_eq!(output.finish(), [chunk(Stdout, "\r")]);
    }

    #[test]
    fn invalid_utf8_does_no_harm() {
        let start = Instant::now();
        let mut output = OutputBatch::new();
        assert_eq!(
            output.push(Stdout, b"a\xff\xfeb", start),
            [chunk(Stdout, "a\u{fffd}\u{fffd}b")]
        );
        output.push(Stdout, b"\xe2\x96", start);
        assert_eq!(output.finish(), [chunk(Stdout, "\u{fffd}")]);
    }

    #[test]
    fn a_flood_is_not_held_back() {
        let start = Instant::now();
        let mut output = OutputBatch::new();
        output.push(Stdout, b"first", start);
        assert_eq!(
            output
                .push(Stdout, &[b'x'; MAX_BATCH_BYTES + 1], start)
                .len(),
            1
        );
    }
}
