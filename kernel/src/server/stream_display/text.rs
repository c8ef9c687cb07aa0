//! Text on a stream as a terminal would show it, and how a front end comes to show it so.

use crate::ipc::Stream;
use crate::terminal::{Cell, Screen, Style};
use jupyter_protocol::{JupyterMessageContent, StreamContent};

/// Text on a stream, with nothing else in between.
pub struct Text {
    pub stream: Stream,
    /// What leaves a terminal as it is now. Text that was drawn over is not in it.
    raw: String,
    /// The beginning of a sequence whose rest is still to come.
    begun: String,
    /// How many characters the last line has in the front end.
    width: usize,
    /// Whether the front end's cursor is where a terminal's would be.
    is_in_step: bool,
    /// Whether a terminal's cursor has moved: only then the terminal's width counts.
    is_drawn: bool,
}

/// How a front end comes to show a text.
pub enum Step {
    Append(String),
    Redraw,
}

impl Text {
    pub fn new(stream: Stream) -> Text {
        Text {
            stream,
            raw: String::new(),
            begun: String::new(),
            width: 0,
            is_in_step: true,
            is_drawn: false,
        }
    }

    /// Takes what was written, and says how the front end comes to show it: by a text behind what it has, or by all of it.
    pub fn write(&mut self, text: &str) -> Step {
        let mut text = std::mem::take(&mut self.begun) + text;
        self.begun = text.split_off(whole_sequences(&text));
        let all = format!("{}{text}", self.raw);
        let goes_on = self.is_in_step && !moves_or_erases(&text);
        if goes_on && !(self.is_drawn && breaks(&lines(&screen(&all)), &all)) {
            self.raw = all;
            self.width = match text.rsplit_once('\n') {
                Some((_, line)) => line.chars().count(),
                // After `\r` it may be less; a few blanks more do no harm.
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
        self.is_drawn = true;
        self.is_in_step = cursor.is_empty();
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
        self.is_in_step &= blanks == 0 || !rest.is_empty();
        self.width = match rest.last() {
            Some(last) => last.chars().count(),
            None => first.chars().count() + blanks,
        };
        Step::Append(shown)
    }

    /// All of it, for a front end that has been cleared.
    pub fn content(&mut self) -> JupyterMessageContent {
        let lines = match self.is_drawn {
            true => lines(&screen(&self.raw)),
            false => vec![self.raw.clone()],
        };
        self.width = lines.last().map_or(0, |line| line.chars().count());
        content(self.stream, &lines.join("\n"))
    }
}

/// A terminal's width where nobody knows better, as the crate `console` has it. Bars are filled with blanks up to it, so that
/// what is printed next begins a new line.
pub const WIDTH: usize = 80;

pub fn screen(text: &str) -> Screen {
    Screen::of_width(text, WIDTH)
}

/// Whether a terminal shows more `lines` than the text has, since some are filled with blanks.
fn breaks(lines: &[String], text: &str) -> bool {
    lines.len() > text.matches('\n').count() + 1
}

/// Whether a front end would not do with a text what a terminal does.
pub fn moves_or_erases(text: &str) -> bool {
    let mut sequences = text.split("\x1b[").skip(1);
    sequences.any(|sequence| {
        sequence
            .find(is_final)
            .is_some_and(|end| sequence.as_bytes()[end] != b'm')
    })
}

/// How many bytes of a text there are before a sequence that is cut short.
fn whole_sequences(text: &str) -> usize {
    /// Longer than any sequence.
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

/// Whether a control sequence ends with the character (ECMA-48, 5.4).
fn is_final(c: char) -> bool {
    ('@'..='~').contains(&c)
}

/// Lines with their colours. A long line that a terminal has cut is still one; one that was filled with blanks is not.
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

/// The message that shows a text.
pub fn content(stream: Stream, text: &str) -> JupyterMessageContent {
    match stream {
        Stream::Stdout => StreamContent::stdout(text),
        Stream::Stderr => StreamContent::stderr(text),
    }
    .into()
}
