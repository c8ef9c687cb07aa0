//! Where a bar's line is shown.

use std::io::IsTerminal;

use super::notebook_bar::NotebookBar;
use super::screen::{Row, Screen};
use super::terminal;
use crate::notebook::{self, Host};

/// Where a bar's line is shown.
pub(super) enum DrawTarget {
    /// A display of its own in the notebook, updated in place.
    Notebook(NotebookBar),
    /// A row of the terminal.
    Terminal(Row),
    /// A file, or stock evcxr, which only accepts whole lines: only the last line is written.
    WhenDone,
}

impl DrawTarget {
    pub(super) fn find(screen: &mut Screen) -> Self {
        match notebook::host() {
            Host::Kernel(kernel) => Self::Notebook(NotebookBar::new(kernel)),
            Host::Program if is_terminal() => Self::Terminal(screen.row()),
            Host::Program | Host::Evcxr => Self::WhenDone,
        }
    }

    /// Returns the number of columns that the line should fill, if there is one.
    pub(super) fn columns(&self) -> Option<usize> {
        match self {
            Self::Terminal(_) => terminal::size().map(|(columns, _)| columns.into()),
            Self::Notebook(_) | Self::WhenDone => None,
        }
    }

    /// Returns whether the last line stays in place if nothing more is done.
    pub(super) fn keeps_line(&self) -> bool {
        matches!(self, Self::Notebook(_))
    }

    pub(super) fn show(&mut self, screen: &mut Screen, line: String) {
        match self {
            Self::Notebook(cell) => cell.show(line),
            Self::Terminal(row) => screen.show(row, line),
            Self::WhenDone => {}
        }
    }

    /// Shows the last line, or removes the earlier ones.
    pub(super) fn finish(self, screen: &mut Screen, line: Option<String>) {
        match self {
            Self::Notebook(cell) => cell.finish(line),
            Self::Terminal(row) => screen.finish(row, line),
            Self::WhenDone => {
                if let Some(line) = line {
                    terminal::write(&(line + "\n"));
                }
            }
        }
    }

    /// Leaves the current line as it is.
    pub(super) fn abandon(self, screen: &mut Screen) {
        match self {
            Self::Notebook(cell) => cell.abandon(),
            Self::Terminal(row) => screen.finish(row, None),
            Self::WhenDone => {}
        }
    }
}

fn is_terminal() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
