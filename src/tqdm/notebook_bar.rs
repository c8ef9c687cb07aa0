//! A bar in a notebook: a display that is updated.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use indicatif::{ProgressBar, ProgressDrawTarget, TermLike};

use super::message_bar::message_bar;
use crate::display;
use crate::notebook::{Bundle, KernelFunctions, Message};
use crate::sync;

pub(super) struct NotebookBar {
    bar: ProgressBar,
    output: Arc<BarDisplay>,
}

impl NotebookBar {
    pub(super) fn new(kernel: KernelFunctions) -> Self {
        let output = Arc::new(BarDisplay {
            kernel,
            id: display::new_id(),
            text: Mutex::default(),
        });
        let target = DisplayTerm(Arc::clone(&output));
        Self {
            bar: message_bar(ProgressDrawTarget::term_like(Box::new(target))),
            output,
        }
    }

    pub(super) fn show(&self, line: String) {
        self.bar.set_message(line);
    }

    pub(super) fn finish(self, line: Option<String>) {
        let line = line.unwrap_or_default();
        if thread::panicking() {
            // indicatif draws nothing then.
            self.output.send(line.clone());
        }
        // Even if nothing is left, the bar is drawn, as an empty line.
        self.bar.abandon_with_message(line);
    }

    pub(super) fn abandon(self) {
        self.bar.abandon();
    }
}

/// The display, as indicatif sees it: a terminal with a single line.
#[derive(Debug)]
struct DisplayTerm(Arc<BarDisplay>);

#[derive(Debug)]
struct BarDisplay {
    kernel: KernelFunctions,
    id: String,
    /// Locked only under the draw lock, so it is free in a forked child.
    text: Mutex<Text>,
}

#[derive(Debug, Default)]
struct Text {
    /// The line that is being written.
    next: String,
    /// The line that the front end has.
    shown: Option<String>,
}

impl BarDisplay {
    fn text(&self) -> MutexGuard<'_, Text> {
        sync::lock(&self.text)
    }

    fn send(&self, line: String) {
        let mut text = self.text();
        if text.shown.as_ref() == Some(&line) {
            return;
        }
        let bundle = &Bundle::new().text("text/plain", line.as_str());
        let id = self.id.as_str();
        // A bar that cannot be shown is no reason to stop the loop that it counts.
        let _ = self.kernel.send(&match text.shown {
            None => Message::Display { id, bundle },
            Some(_) => Message::Update { id, bundle },
        });
        text.shown = Some(line);
    }
}

impl TermLike for DisplayTerm {
    /// As wide as possible, so that indicatif never wraps the line.
    fn width(&self) -> u16 {
        u16::MAX
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.text().next.push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.text().next.clear();
        Ok(())
    }

    /// indicatif has padded the line with blanks up to the width.
    fn flush(&self) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.0.text().next);
        line.truncate(line.trim_end().len());
        self.0.send(line);
        Ok(())
    }
}
