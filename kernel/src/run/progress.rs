//! How far each notebook is, on stderr: a bar at a terminal, else one line when it is done.

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
    /// Bars if stderr is a terminal, lines otherwise.
    pub fn on_stderr() -> Self {
        Self {
            bars: std::io::stderr().is_terminal().then(MultiProgress::new),
        }
    }

    /// Does something that prints, while no bar is drawn.
    pub fn suspended<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bars {
            Some(bars) => bars.suspend(print),
            None => print(),
        }
    }

    /// A notebook with this many code cells is about to be run.
    pub fn notebook(&self, path: &Path, cells: usize) -> NotebookProgress {
        let name = path.display().to_string();
        let Some(bars) = &self.bars else {
            return NotebookProgress { name, bar: None };
        };
        let style = ProgressStyle::with_template(
            "{prefix} [{bar:20}] {pos}/{len} {elapsed_precise} {wide_msg}",
        );
        let bar = bars.add(ProgressBar::new(cells as u64));
        // The template is a constant; were it broken, indicatif's own would do.
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
    /// So many cells are done, and this one is begun.
    pub fn cell(&self, done: usize, cell: &Value) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.set_message(first_line(cell["source"].as_str().unwrap_or_default()).to_owned());
        }
    }

    /// The notebook is done, with all its cells or not; its bar says so.
    pub fn finish(&self, is_finished: bool, summary: &str) {
        if let Some(bar) = &self.bar {
            if is_finished {
                bar.set_position(bar.length().unwrap_or_default());
            }
            bar.abandon_with_message(summary.to_owned());
        }
    }

    /// Says what came of the notebook, where there is no bar that does.
    pub fn tell(&self, summary: &str) {
        if self.bar.is_none() {
            eprintln!("{}: {summary}", self.name);
        }
    }
}

/// The first line that says something, for a text such as a cell.
pub fn first_line(text: &str) -> &str {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}
