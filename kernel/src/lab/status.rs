//! Status lines on stderr: updated in place on a terminal; otherwise one line when each task begins.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The lines of all tasks.
pub struct Status {
    bars: Option<MultiProgress>,
}

impl Status {
    /// Returns a status without lines.
    pub fn on_stderr() -> Self {
        Self {
            bars: std::io::stderr().is_terminal().then(MultiProgress::new),
        }
    }

    /// Returns a line for one of several concurrent tasks.
    pub fn line(&self) -> Line {
        Line {
            bars: self.bars.clone(),
            bar: self.bars.as_ref().map(|_| ProgressBar::hidden()),
            has_begun: AtomicBool::new(false),
        }
    }

    /// Prints a permanent line.
    pub fn note(&self, text: &str) {
        note(self.bars.as_ref(), text);
    }

    /// Removes all lines of tasks.
    pub fn end(&self) {
        if let Some(bars) = &self.bars {
            // Errors are ignored: without a terminal there is nothing to clear.
            let _ = bars.clear();
        }
    }
}

/// The line of one task.
pub struct Line {
    bars: Option<MultiProgress>,
    bar: Option<ProgressBar>,
    has_begun: AtomicBool,
}

impl Line {
    /// Replaces the text of the line.
    pub fn show(&self, text: &str) {
        let begins = !self.has_begun.swap(true, Ordering::Relaxed);
        match (&self.bars, &self.bar) {
            (Some(bars), Some(bar)) => {
                if begins {
                    bars.add(bar.clone());
                    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                        bar.set_style(style);
                    }
                    bar.enable_steady_tick(Duration::from_millis(100));
                }
                bar.set_message(text.to_owned());
            }
            _ if begins => eprintln!("{text}"),
            _ => {}
        }
    }

    /// Prints a permanent line.
    pub fn note(&self, text: &str) {
        note(self.bars.as_ref(), text);
    }

    /// Removes the line, because its task is done.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn note(bars: Option<&MultiProgress>, text: &str) {
    match bars {
        Some(bars) => bars.suspend(|| eprintln!("{text}")),
        None => eprintln!("{text}"),
    }
}
