//! Tracks a stream's text as a terminal would show it, and computes the updates for front ends.

use crate::ipc::Stream;
use crate::terminal::{Cell, Screen, Style};
use jupyter_protocol::{JupyterMessageContent, StreamContent};

/// An uninterrupted run of text on one stream.
pub struct Text {
    pub stream: Stream,
    /// Text that reproduces the terminal's current state. Overwritten text is not in it.
    raw: String,
    /// The beginning of an incomplete escape sequence.
    partial_sequence: String,
    /// The number of characters in the front end's last line.
    width: usize,
    /// Whether the front end's cursor is where a terminal's would be.
    is_cursor_in_sync: bool,
    /// Whether the cursor has moved; the terminal's width matters only then.
    has_cursor_moved: bool,
}

/// How to update a front end.
pub enum Step {
    Append(String),
    Redraw,
}

impl Text {
    pub fn new(stream: Stream) -> Text {
        Text {
            stream,
            raw: String::new(),
            partial_sequence: String::new(),
            width: 0,
            is_cursor_in_sync: true,
            has_cursor_moved: false,
        }
    }

    /// Takes written text, and returns how to update the front end: append some text, or redraw everything.
    pub fn write(&mut self, text: &str) -> Step {
        let mut text = std::mem::take(&mut self.partial_sequence) + text;
        self.partial_sequence = text.split_off(complete_len(&text));
        let all = format!("{}{text}", self.raw);
        let goes_on = self.is_cursor_in_sync && !moves_or_erases(&text);
        if goes_on && !(self.has_cursor_moved && breaks(&lines(&screen(&all)), &all)) {
            self.raw = all;
            self.width = match text.rsplit_once('\n') {
                Some((_, line)) => line.chars().count(),
                // After `\r` the line may be shorter; extra blanks do no harm.
                None => self.width + text.chars().count(),
            };
            return Step::Append(text);
        }
        let before = lines(&screen(&self.raw));
        let after = screen(&all);
        let cursor = after.cursor();
        let after = lines(&after);
        let same = before.len() - 1;
        let is_above = !breaks(&before, &self.raw) && after.get(..same) == Some(&before[..same]);
        self.raw = after.join("\n") + &cursor;
        self.has_cursor_moved = true;
        self.is_cursor_in_sync = cursor.is_empty();
        if !is_above {
            return Step::Redraw;
        }
        let first = &after[same];
        let blanks = self.width.saturating_sub(first.chars().count());
        let rest = &after[same + 1..];
        let mut shown = format!("\r{first}{}", " ".repeat(blanks));
        for line in rest {
            shown.push('\n');
            shown.push_str(line);
        }
        self.is_cursor_in_sync &= blanks == 0 || !rest.is_empty();
        self.width = match rest.last() {
            Some(last) => last.chars().count(),
            None => first.chars().count() + blanks,
        };
        Step::Append(shown)
    }

    /// Returns the whole text, for a front end that has been cleared.
    pub fn content(&mut self) -> JupyterMessageContent {
        let lines = match self.has_cursor_moved {
            true => lines(&screen(&self.raw)),
            false => vec![self.raw.clone()],
        };
        self.width = lines.last().map_or(0, |line| line.chars().count());
        content(self.stream, &lines.join("\n"))
    }
}

/// The default width of a terminal, as in the crate `console`. Programs pad bars with blanks up to it, so that what they print
/// next begins a new line.
pub const WIDTH: usize = 80;

pub fn screen(text: &str) -> Screen {
    Screen::of_width(text, WIDTH)
}

/// Returns whether a terminal shows more `lines` than the text has, because some are padded with blanks.
fn breaks(lines: &[String], text: &str) -> bool {
    lines.len() > text.matches('\n').count() + 1
}

/// Returns whether a text contains sequences that terminals support but front ends do not.
pub fn moves_or_erases(text: &str) -> bool {
    let mut sequences = text.split("\x1b[").skip(1);
    sequences.any(|sequence| {
        sequence
            .find(is_final)
            .is_some_and(|end| sequence.as_bytes()[end] != b'm')
    })
}

/// Returns the length of a text without an incomplete escape sequence at its end, in bytes.
fn complete_len(text: &str) -> usize {
    /// Longer than any sequence, in bytes.
    const LONG: usize = 64;
    match text.rfind('\x1b') {
        Some(start) if text.len() - start < LONG => match text[start + 1..].strip_prefix('[') {
            Some(sequence) if sequence.contains(is_final) => text.len(),
            None if start + 1 < text.len() => text.len(),
            _ => start,
        },
        _ => text.len(),
    }
}

/// Returns whether the character ends a control sequence (ECMA-48, 5.4).
fn is_final(c: char) -> bool {
    ('@'..='~').contains(&c)
}

/// Returns the lines with their colours. Joins a long line that the terminal wrapped, but not one padded with blanks.
pub fn lines(screen: &Screen) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_cut = false;
    for (index, row) in screen.rows().iter().enumerate() {
        match lines.last_mut() {
            Some(last) if is_cut => last.push_str(&line(row)),
            _ => lines.push(line(row)),
        }
        is_cut = screen.is_cut(index) && row.last().is_some_and(|cell| cell.0 != ' ');
    }
    lines
}

fn line(row: &[Cell]) -> String {
    let mut text = String::new();
    for part in row.chunk_by(|left, right| left.1 == right.1) {
        let style = part[0].1;
        text.push_str(&style.sequence());
        text.extend(part.iter().map(|cell| cell.0));
        if style != Style::default() {
            text.push_str("\x1b[m");
        }
    }
    text
}

/// Returns the message that shows a text.
pub fn content(stream: Stream, text: &str) -> JupyterMessageContent {
    match stream {
        Stream::Stdout => StreamContent::stdout(text),
        Stream::Stderr => StreamContent::stderr(text),
    }
    .into()
}
