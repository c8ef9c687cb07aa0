//! The terminal at stderr. It is written to without std's lock of stderr, which comes before the draw lock.

use std::fs::File;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::sync::Mutex;

use indicatif::TermLike;

use crate::sync::lock;

/// Returns the columns and rows, if the terminal knows them.
pub(super) fn size() -> Option<(u16, u16)> {
    // SAFETY: all zeros is a value of this C struct.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to `size`, which is what this request writes.
    let result = unsafe { libc::ioctl(libc::STDERR_FILENO, libc::TIOCGWINSZ, &raw mut size) };
    (result == 0 && size.ws_col > 0).then_some((size.ws_col, size.ws_row))
}

/// Writes to stderr. Errors are ignored: with stderr closed there is nowhere to report them.
pub(super) fn write(text: &str) {
    // SAFETY: the descriptor is not closed here. If it is not open at all, the write fails.
    let mut stderr = ManuallyDrop::new(unsafe { File::from_raw_fd(libc::STDERR_FILENO) });
    let _ = stderr.write_all(text.as_bytes());
}

/// The terminal, as indicatif sees it. What indicatif writes for one draw goes out in one write.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    /// Locked only under the draw lock, so it is free in a forked child.
    buffer: Mutex<String>,
}

impl Terminal {
    fn push(&self, text: &str) -> io::Result<()> {
        let mut buffer = lock(&self.buffer);
        buffer.push_str(text);
        Ok(())
    }

    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        match n {
            // The terminal takes 0 for 1.
            0 => Ok(()),
            _ => self.push(&format!("\x1b[{n}{direction}")),
        }
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        size().map_or(80, |(columns, _)| columns)
    }

    fn height(&self) -> u16 {
        size().map_or(24, |(_, rows)| rows.max(1))
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.push(text)?;
        self.push("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.push(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.push("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let mut buffer = lock(&self.buffer);
        write(&buffer);
        buffer.clear();
        Ok(())
    }
}
