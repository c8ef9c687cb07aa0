//! Progress of the notebooks on stderr: a bar each on a terminal, otherwise one line when a notebook is done.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::Value;

/// The bars of all notebooks.
pub struct Progress {
    bars: Option<MultiProgress>,
}

impl Progress {
    /// Creates bars if stderr is a terminal; otherwise prints lines.
    pub fn on_stderr() -> Self {
        Self {
            bars: std::io::stderr().is_terminal().then(MultiProgress::new),
        }
    }

    /// Hides the bars while `print` runs.
    pub fn suspended<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bars {
            Some(bars) => bars.suspend(print),
            None => print(),
        }
    }

    /// Adds a notebook with this many code cells that is about to run.
    pub fn notebook(&self, path: &Path, cells: usize) -> NotebookProgress {
        let name = path.display().to_string();
        let Some(bars) = &self.bars else {
            return NotebookProgress { name, bar: None };
        };
        let style = ProgressStyle::with_template(
            "{prefix} [{bar:20}] {pos}/{len} {elapsed_precise} {wide_msg}",
        );
        let bar = bars.add(ProgressBar::new(cells as u64));
        // The template is a constant and valid; the default is only for form.
        bar.set_style(
            style
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> "),
        );
        bar.set_prefix(name.clone());
        bar.set_message("starting the kernel");
        bar.enable_steady_tick(Duration::from_millis(100));
        NotebookProgress {
            name,
            bar: Some(bar),
        }
    }
}

/// One notebook's bar or line.
pub struct NotebookProgress {
    name: String,
    bar: Option<ProgressBar>,
}

impl NotebookProgress {
    /// Shows that `done` cells are done and this one starts.
    pub fn cell(&self, done: usize, cell: &Value) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.set_message(first_line(cell["source"].as_str().unwrap_or_default()).to_owned());
        }
    }

    /// Shows on the bar that the notebook has ended, with all its cells or not.
    pub fn finish(&self, is_finished: bool, summary: &str) {
        if let Some(bar) = &self.bar {
            if is_finished {
                bar.set_position(bar.length().unwrap_or_default());
            }
            bar.abandon_with_message(summary.to_owned());
        }
    }

    /// Prints the summary if there is no bar to show it.
    pub fn tell(&self, summary: &str) {
        if self.bar.is_none() {
            eprintln!("{}: {summary}", self.name);
        }
    }
}

/// Returns the first line that is not blank, trimmed.
pub fn first_line(text: &str) -> &str {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}
