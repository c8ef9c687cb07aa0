//! The rows of a process's bars in a terminal.

use std::thread;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use super::message_bar::message_bar;
use super::terminal::{self, Terminal};
use crate::os;

/// The bars that this process has in the terminal.
pub(super) struct Screen {
    rows: Option<Rows>,
}

struct Rows {
    /// The process that the rows belong to.
    owner_pid: u32,
    bars: MultiProgress,
    live: usize,
}

/// One bar of the screen.
pub(super) struct Row {
    owner_pid: u32,
    bar: ProgressBar,
}

impl Screen {
    pub(super) const fn new() -> Self {
        Self { rows: None }
    }

    pub(super) fn row(&mut self) -> Row {
        let rows = self.rows();
        rows.live += 1;
        Row {
            owner_pid: rows.owner_pid,
            // Hidden until it is added to the others.
            bar: rows.bars.add(message_bar(ProgressDrawTarget::hidden())),
        }
    }

    pub(super) fn show(&mut self, row: &mut Row, line: String) {
        self.adopt(row);
        row.bar.set_message(line);
    }

    /// Finishes a bar. Its last line goes above the bars that still run.
    pub(super) fn finish(&mut self, mut row: Row, line: Option<String>) {
        self.adopt(&mut row);
        let rows = self.rows();
        rows.live -= 1;
        rows.bars.remove(&row.bar);
        if thread::panicking() {
            // indicatif draws nothing during a panic; the row stays as it was drawn last, and is forgotten.
            if rows.live == 0 {
                self.rows = None;
            }
            return;
        }
        let Some(line) = line else {
            // Redraws the others, without this one.
            return rows.bars.suspend(|| ());
        };
        // A failed write means that the terminal is gone.
        let _ = rows.bars.println(line);
        if rows.live == 0 {
            // indicatif leaves the cursor at the end of the line.
            terminal::write("\n");
        }
    }

    /// Removes the rows from the screen while `f` writes there.
    pub(super) fn suspend(&mut self, f: impl FnOnce()) {
        let me = os::process_id();
        match &self.rows {
            Some(rows) if rows.owner_pid == me && rows.live > 0 => rows.bars.suspend(f),
            _ => f(),
        }
    }

    /// Returns the rows of this process. A forked child leaves its parent's alone.
    fn rows(&mut self) -> &mut Rows {
        let me = os::process_id();
        if let Some(theirs) = self.rows.take_if(|rows| rows.owner_pid != me) {
            // Dropping them would draw.
            std::mem::forget(theirs);
        }
        self.rows.get_or_insert_with(|| Rows {
            owner_pid: me,
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::term_like(Box::new(
                Terminal::default(),
            ))),
            live: 0,
        })
    }

    /// Gives a bar that was created before the fork a row of this process.
    fn adopt(&mut self, row: &mut Row) {
        if row.owner_pid != os::process_id() {
            let parents = std::mem::replace(row, self.row());
            // Dropping it would draw.
            std::mem::forget(parents);
        }
    }
}
