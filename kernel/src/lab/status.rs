//! What is being done, on stderr: lines that change at a terminal, else a line for each thing that begins.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// All lines.
pub struct Status {
    bars: Option<MultiProgress>,
}

impl Status {
    /// Nothing is shown yet.
    pub fn on_stderr() -> Self {
        Self {
            bars: std::io::stderr().is_terminal().then(MultiProgress::new),
        }
    }

    /// A line for one of the things that go on at the same time.
    pub fn line(&self) -> Line {
        Line {
            bars: self.bars.clone(),
            bar: self.bars.as_ref().map(|_| ProgressBar::hidden()),
            has_begun: AtomicBool::new(false),
        }
    }

    /// Says something that stays.
    pub fn note(&self, text: &str) {
        note(self.bars.as_ref(), text);
    }

    /// Takes all lines away that change.
    pub fn end(&self) {
        if let Some(bars) = &self.bars {
            // A terminal that is gone shows nothing anyway.
            let _ = bars.clear();
        }
    }
}

/// One line.
pub struct Line {
    bars: Option<MultiProgress>,
    bar: Option<ProgressBar>,
    has_begun: AtomicBool,
}

impl Line {
    /// Replaces what the line says.
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

    /// Says something that stays.
    pub fn note(&self, text: &str) {
        note(self.bars.as_ref(), text);
    }

    /// Takes the line away: what it told of is done.
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
