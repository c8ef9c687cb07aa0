//! Makes messages of what is written: the first bytes go at once, what follows within the next
//! 50 ms is sent together. No message splits a character, and none ends in `\r`, which
//! JupyterLab loses (jupyterlab issue 16995).

use crate::ipc::Stream;
use std::time::{Duration, Instant};

/// The shortest time between two messages that nothing else calls for.
const INTERVAL: Duration = Duration::from_millis(50);

/// More than this is never held back, in bytes.
const MAX_BATCH_BYTES: usize = 64 * 1024;

/// Text that is ready to be sent.
pub type Chunk = (Stream, String);

pub struct OutputBatch {
    pending: [Vec<u8>; 2],
    /// The stream that was written to last. Of the other, only what cannot be shown yet is left.
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

    /// Takes bytes that were written to `stream`, and gives what is to be sent now.
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

    /// When [`OutputBatch::poll`] has something to send; `None` while nothing waits.
    pub fn deadline(&self) -> Option<Instant> {
        let sendable = sendable(&self.pending[self.current as usize]);
        self.sent
            .filter(|_| sendable > 0)
            .map(|sent| sent + INTERVAL)
    }

    /// What has waited long enough.
    pub fn poll(&mut self, now: Instant) -> Option<Chunk> {
        self.deadline().filter(|&deadline| deadline <= now)?;
        self.take(now)
    }

    /// Everything, also what was held back as incomplete. The next bytes go at once again.
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

/// How many bytes can be shown without the ones that follow.
fn sendable(bytes: &[u8]) -> usize {
    let whole = &bytes[..bytes.len() - length_of_begun_character(bytes)];
    whole
        .iter()
        .rposition(|&byte| byte != b'\r')
        .map_or(0, |last| last + 1)
}

/// How many bytes at the end are the beginning of a UTF-8 character: 0 to 3.
fn length_of_begun_character(bytes: &[u8]) -> usize {
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
    fn bytes_that_are_no_text_do_no_harm() {
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
