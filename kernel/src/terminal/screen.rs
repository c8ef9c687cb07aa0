//! A terminal's screen, as high as the text needs: nothing scrolls away. Nothing wraps either, unless a width is given. A
//! column is one `char`; a tab stays a tab.

use std::collections::BTreeSet;
use vte::{Params, Parser, Perform};

use super::style::Style;

/// The rightmost column to which a sequence may move the cursor beyond the end of its line. No real screen is wider, and a
/// few bytes must not fill the page with megabytes of blanks.
pub const MAX_COLUMN: usize = 256;

/// A character and its style.
pub type Cell = (char, Style);

/// The screen that a text is drawn on.
pub struct Screen {
    rows: Vec<Vec<Cell>>,
    width: usize,
    /// The rows whose lines wrap to the next row.
    cut: BTreeSet<usize>,
    row: usize,
    column: usize,
    style: Style,
}

impl Screen {
    /// Returns the screen after `text` is written to an empty one.
    pub fn of(text: &str) -> Self {
        Self::of_width(text, usize::MAX)
    }

    /// Like [`Screen::of`], but wraps lines at `width` columns.
    pub fn of_width(text: &str, width: usize) -> Self {
        let mut screen = Self {
            rows: vec![Vec::new()],
            width,
            cut: BTreeSet::new(),
            row: 0,
            column: 0,
            style: Style::default(),
        };
        Parser::new().advance(&mut screen, text.as_bytes());
        screen
    }

    /// Returns the rows from the top; there is at least one, which may be empty.
    pub fn into_rows(self) -> Vec<Vec<Cell>> {
        self.rows
    }

    /// Returns a reference to the same rows.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Returns whether a row's line wraps to the next row.
    pub fn is_cut(&self, row: usize) -> bool {
        self.cut.contains(&row)
    }

    /// Returns the sequences that move a cursor from the end of the last line to the screen's cursor, and set its style; empty if
    /// the cursor is already there and its style is plain.
    pub fn cursor(&self) -> String {
        let last = self.rows.len() - 1;
        let mut moves = String::new();
        if (self.row, self.column) != (last, self.rows[last].len()) {
            if self.row < last {
                moves.push_str(&format!("\x1b[{}A", last - self.row));
            }
            moves.push('\r');
            if self.column > 0 {
                moves.push_str(&format!("\x1b[{}C", self.column));
            }
        }
        moves + &self.style.sequence()
    }

    fn line(&mut self) -> &mut Vec<Cell> {
        &mut self.rows[self.row]
    }

    fn put(&mut self, c: char) {
        if self.column >= self.width {
            let row = self.row;
            self.new_line();
            self.cut.insert(row);
        }
        let (column, cell) = (self.column, (c, self.style));
        let line = self.line();
        if line.len() <= column {
            line.resize(column, (' ', Style::default()));
            line.push(cell);
        } else {
            line[column] = cell;
        }
        self.column += 1;
    }

    fn new_line(&mut self) {
        self.cut.remove(&self.row);
        self.row += 1;
        self.column = 0;
        if self.row == self.rows.len() {
            self.rows.push(Vec::new());
        }
    }

    fn move_to_column(&mut self, column: usize) {
        let limit = self.line().len().max(MAX_COLUMN);
        // If the text itself is already beyond the limit, do not pull the cursor back.
        self.column = column.min(limit.max(self.column));
    }

    fn move_to_row(&mut self, row: usize) {
        self.row = row.min(self.rows.len() - 1);
    }

    fn erase_in_line(&mut self, part: usize) {
        let column = self.column;
        let line = self.line();
        match part {
            0 => line.truncate(column),
            1 => {
                let end = line.len().min(column + 1);
                line[..end].fill((' ', Style::default()));
            }
            2 => line.clear(),
            _ => {}
        }
    }

    fn erase_in_display(&mut self, part: usize) {
        match part {
            0 => {
                self.erase_in_line(0);
                self.rows.truncate(self.row + 1);
            }
            1 => {
                self.rows[..self.row].fill(Vec::new());
                self.erase_in_line(1);
            }
            2 | 3 => {
                self.rows = vec![Vec::new()];
                (self.row, self.column) = (0, 0);
            }
            _ => {}
        }
    }
}

impl Perform for Screen {
    fn print(&mut self, c: char) {
        self.put(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.new_line(),
            b'\r' => self.column = 0,
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' => self.put('\t'),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: char) {
        if !intermediates.is_empty() {
            return;
        }
        let number = |index: usize| {
            params
                .iter()
                .nth(index)
                .map_or(0, |param| usize::from(param[0]))
        };
        // An absent or zero count means one.
        let count = number(0).max(1);
        match action {
            'm' => self.style.apply(params),
            'A' => self.move_to_row(self.row.saturating_sub(count)),
            'B' => self.move_to_row(self.row + count),
            'C' => self.move_to_column(self.column + count),
            'D' => self.move_to_column(self.column.saturating_sub(count)),
            'E' => {
                self.move_to_row(self.row + count);
                self.column = 0;
            }
            'F' => {
                self.move_to_row(self.row.saturating_sub(count));
                self.column = 0;
            }
            'G' => self.move_to_column(count - 1),
            'H' | 'f' => {
                self.move_to_row(count - 1);
                self.move_to_column(number(1).max(1) - 1);
            }
            'J' => self.erase_in_display(number(0)),
            'K' => self.erase_in_line(number(0)),
            _ => {}
        }
    }
}
