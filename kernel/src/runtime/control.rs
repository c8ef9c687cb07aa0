//! Finds evcxr's control lines in a cell's stdout: the cell's result, and questions to the user.
//!
//! They may follow text that has no newline, so they are searched for anywhere, not only at the
//! start of a line.

/// Part of a cell's stdout.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text for the user.
    Text(Vec<u8>),
    /// A whole line for the engine, with its newline.
    Control(Vec<u8>),
}

/// The start of every control line.
const PREFIX: &[u8] = b"EVCXR_";

const END_OF_CONTENT: &[u8] = b"EVCXR_END_CONTENT\n";
/// What `evcxr_input` prints before it reads from stdin; the password form starts the same way.
const INPUT: &[u8] = b"EVCXR_INPUT_REQUEST";
const CONTENT: &[u8] = b"EVCXR_BEGIN_CONTENT ";

/// Splits a stream of bytes, however it is chunked, into pieces.
#[derive(Default)]
pub struct Splitter {
    held: Vec<u8>,
    in_content: bool,
}

impl Splitter {
    /// Takes the next bytes and returns the finished pieces. Holds back what may still become a control line.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.held.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while let Some(piece) = self.next_piece() {
            append(&mut pieces, piece);
        }
        pieces
    }

    /// Like [`Splitter::push`], for bytes that do not end within a control line.
    pub fn push_whole(&mut self, bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = self.push(bytes);
        for rest in self.give_up_waiting() {
            append(&mut pieces, rest);
        }
        pieces
    }

    /// Returns whether text is held back only because it could become a control line.
    pub fn is_waiting(&self) -> bool {
        !self.in_content && !self.held.is_empty()
    }

    /// Gives up waiting and returns that text.
    pub fn give_up_waiting(&mut self) -> Vec<Piece> {
        if self.is_waiting() {
            self.finish()
        } else {
            Vec::new()
        }
    }

    /// Returns everything held back, at the end of a cell. Terminates unterminated content, because
    /// the engine would wait for its end.
    pub fn finish(&mut self) -> Vec<Piece> {
        let rest = std::mem::take(&mut self.held);
        if std::mem::take(&mut self.in_content) {
            let mut lines = rest;
            if !lines.is_empty() && !lines.ends_with(b"\n") {
                lines.push(b'\n');
            }
            lines.extend_from_slice(END_OF_CONTENT);
            vec![Piece::Control(lines)]
        } else if rest.is_empty() {
            Vec::new()
        } else {
            vec![Piece::Text(rest)]
        }
    }

    fn next_piece(&mut self) -> Option<Piece> {
        if self.in_content {
            let line = self.take_line(0)?;
            self.in_content = line != END_OF_CONTENT;
            return Some(Piece::Control(line));
        }
        match find(&self.held, PREFIX) {
            Some(0) => self.take_control_or_prefix(),
            Some(start) => Some(self.take_text(start)),
            None => {
                let text = self.held.len() - partial_prefix_len(&self.held);
                (text > 0).then(|| self.take_text(text))
            }
        }
    }

    /// Takes the next piece when `held` starts with the prefix.
    fn take_control_or_prefix(&mut self) -> Option<Piece> {
        if !could_be_control(&self.held) {
            return Some(self.take_text(PREFIX.len()));
        }
        let line = self.take_line(0)?;
        self.in_content = line.starts_with(CONTENT);
        Some(Piece::Control(line))
    }

    fn take_line(&mut self, from: usize) -> Option<Vec<u8>> {
        let newline = self.held[from..].iter().position(|&byte| byte == b'\n')?;
        Some(self.held.drain(..=from + newline).collect())
    }

    fn take_text(&mut self, length: usize) -> Piece {
        Piece::Text(self.held.drain(..length).collect())
    }
}

/// Appends a piece; merges adjacent text.
fn append(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Text(before)), Piece::Text(text)) => before.extend(text),
        (_, piece) => pieces.push(piece),
    }
}

/// Returns whether `text` starts with a control line or can still grow into one.
fn could_be_control(text: &[u8]) -> bool {
    let matches = |word: &[u8]| text.starts_with(word) || word.starts_with(text);
    [CONTENT, INPUT].into_iter().any(matches)
}

/// Returns how many bytes at the end of `text` are the start of the prefix.
fn partial_prefix_len(text: &[u8]) -> usize {
    (1..PREFIX.len())
        .rev()
        .find(|&length| text.ends_with(&PREFIX[..length]))
        .unwrap_or(0)
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    fn control(line: &str) -> Piece {
        Piece::Control(line.into())
    }

    #[test]
    fn plain_text_passes_at_once() {
        assert_eq!(Splitter::default().push(b"\rstep 1"), [text("\rstep 1")]);
    }

    #[test]
    fn a_control_line_is_found_behind_text_without_a_newline() {
        assert_eq!(
            Splitter::default().push(b"50%EVCXR_INPUT_REQUEST:Name\nafter"),
            [
                text("50%"),
                control("EVCXR_INPUT_REQUEST:Name\n"),
                text("after")
            ]
        );
    }

    #[test]
    fn content_goes_to_the_engine_line_by_line() {
        let written =
            b"a\nEVCXR_BEGIN_CONTENT text/plain\nEVCXR_INPUT_REQUEST:\n2\nEVCXR_END_CONTENT\nb";
        assert_eq!(
            Splitter::default().push(written),
            [
                text("a\n"),
                control("EVCXR_BEGIN_CONTENT text/plain\n"),
                control("EVCXR_INPUT_REQUEST:\n"),
                control("2\n"),
                control("EVCXR_END_CONTENT\n"),
                text("b")
            ]
        );
    }

    #[test]
    fn every_cut_gives_the_same() {
        let written = b"x EVCXR_OTHER\nEVCXEVCXR_INPUT_REQUEST:?\ny\nEVCXR_BEGIN_CONTENT a/b\nz\nEVCXR_END_CONTENT\n";
        let whole = Splitter::default().push(written);
        for cut in 0..written.len() {
            let mut splitter = Splitter::default();
            let mut pieces = splitter.push(&written[..cut]);
            for piece in splitter.push(&written[cut..]) {
                append(&mut pieces, piece);
            }
            assert_eq!(pieces, whole, "cut at {cut}");
        }
    }

    #[test]
    fn what_only_looks_like_control_is_shown() {
        let mut splitter = Splitter::default();
        assert_eq!(splitter.push(b"EVCXR_INPUT"), []);
        assert_eq!(splitter.push(b"S\n"), [text("EVCXR_INPUTS\n")]);
        assert_eq!(splitter.push(b"EVC"), []);
        assert_eq!(splitter.finish(), [text("EVC")]);
    }

    #[test]
    fn whole_text_is_one_piece() {
        assert_eq!(Splitter::default().push_whole(b"DONE"), [text("DONE")]);
    }

    #[test]
    fn nothing_waits_for_ever() {
        let mut splitter = Splitter::default();
        assert_eq!(splitter.push(b"DONE"), [text("DON")]);
        assert!(splitter.is_waiting());
        assert_eq!(splitter.give_up_waiting(), [text("E")]);
        assert!(!splitter.is_waiting());
        splitter.push(b"EVCXR_BEGIN_CONTENT a/b\nhalf");
        assert_eq!(splitter.give_up_waiting(), []);
    }

    #[test]
    fn content_without_an_end_gets_one() {
        let mut splitter = Splitter::default();
        splitter.push(b"EVCXR_BEGIN_CONTENT text/plain\nhalf");
        assert_eq!(splitter.finish(), [control("half\nEVCXR_END_CONTENT\n")]);
        assert_eq!(splitter.push(b"next"), [text("next")]);
    }
}
