//! Truncates the output of a cell that writes without end, so that no page has to show it.

use std::collections::VecDeque;

/// How much of the end is shown after a truncation, in bytes.
const TAIL: usize = 2048;

/// Counts what a cell writes and how much of it is left out.
pub struct OutputLimit {
    limit: u64,
    written: u64,
    /// The last bytes that were left out.
    tail: VecDeque<u8>,
    left_out: u64,
}

impl OutputLimit {
    /// Creates a limit that lets `limit` bytes through.
    pub fn new(limit: u64) -> OutputLimit {
        OutputLimit {
            limit,
            written: 0,
            tail: VecDeque::new(),
            left_out: 0,
        }
    }

    /// Returns the part of `bytes` to show, which is all of it below the limit, and, once, the note
    /// to show at the truncation.
    pub fn take(&mut self, mut bytes: Vec<u8>) -> (Vec<u8>, Option<String>) {
        let room = self.limit.saturating_sub(self.written);
        self.written += bytes.len() as u64;
        if bytes.len() as u64 <= room {
            return (bytes, None);
        }
        let is_first = self.left_out == 0;
        let over = bytes.split_off(room as usize);
        self.left_out += over.len() as u64;
        let kept = over.len().min(TAIL);
        self.tail.extend(&over[over.len() - kept..]);
        let excess = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..excess);
        let note = is_first.then(|| {
            format!(
                "\n[Threadbook: this cell has written more than {}; the rest is left out, except \
                 for its end. Set THREADBOOK_OUTPUT_LIMIT to change the limit.]\n",
                format_size(self.limit)
            )
        });
        (bytes, note)
    }

    /// Returns a note on what was left out, and its end. To be called when the cell has ended.
    pub fn finish(&mut self) -> Option<(String, Vec<u8>)> {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out == 0 {
            return None;
        }
        let tail: Vec<u8> = std::mem::take(&mut self.tail).into();
        // Start at the beginning of a line, if there is one.
        let start = tail
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let end = tail[if start < tail.len() { start } else { 0 }..].to_vec();
        let left_out = format_size(left_out);
        let note = format!("[{left_out} left out; the output ends with:]\n");
        Some((note, end))
    }
}

fn format_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_the_limit_all_is_shown() {
        let mut cut = OutputLimit::new(10);
        assert_eq!(cut.take(b"12345".to_vec()), (b"12345".to_vec(), None));
        assert_eq!(cut.take(b"67890".to_vec()), (b"67890".to_vec(), None));
        assert_eq!(cut.finish(), None);
    }

    #[test]
    fn above_it_a_note_says_so_once_and_the_end_is_kept() {
        let mut cut = OutputLimit::new(3);
        let (shown, note) = cut.take(b"12345".to_vec());
        assert_eq!(shown, b"123");
        assert!(note.unwrap().contains("more than 3 bytes"));
        let (shown, note) = cut.take(b"\nlast line\n".to_vec());
        assert_eq!((shown, note), (Vec::new(), None));
        let (note, end) = cut.finish().unwrap();
        assert!(note.contains("13 bytes left out"), "{note}");
        assert_eq!(end, b"last line\n");
        assert_eq!(cut.finish(), None);
    }

    #[test]
    fn only_the_end_is_held_in_memory() {
        let mut cut = OutputLimit::new(0);
        for _ in 0..1000 {
            cut.take(vec![b'x'; 5000]);
        }
        assert_eq!(cut.tail.len(), TAIL);
        let (note, end) = cut.finish().unwrap();
        assert!(note.contains("5.0 MB"), "{note}");
        assert_eq!(end.len(), TAIL);
    }
}
