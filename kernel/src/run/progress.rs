//! How far each notebook is, on stderr: a bar at a terminal, else one line when it is done.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::Value;

use super::execution::{Ending, Execution};
use super::session::SessionError;

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

    /// The notebook is done.
    pub fn finish(&self, execution: &Execution) {
        let Some(bar) = &self.bar else {
            eprintln!("{}: {}", self.name, summary(execution));
            return;
        };
        if matches!(execution.ending, Ending::Finished) {
            bar.set_position(execution.cells as u64);
        }
        bar.abandon_with_message(result(&execution.ending));
    }
}

/// `3 of 5 cells, 1.2 s, failed: cell x: NameError: …`
fn summary(execution: &Execution) -> String {
    let Execution {
        cells,
        ran,
        elapsed,
        ending,
    } = execution;
    let number = if ran == cells {
        cells.to_string()
    } else {
        format!("{ran} of {cells}")
    };
    let noun = if *cells == 1 { "cell" } else { "cells" };
    format!(
        "{number} {noun}, {:.1} s, {}",
        elapsed.as_secs_f64(),
        result(ending)
    )
}

fn result(ending: &Ending) -> String {
    match ending {
        Ending::Finished => "ok".to_owned(),
        Ending::CellFailed { cell, error } => {
            let evalue = first_line(&error.evalue);
            format!("failed: cell {cell}: {}: {evalue}", error.ename)
        }
        Ending::KernelFailed(SessionError::Stopped) => "stopped".to_owned(),
        Ending::KernelFailed(error) => format!("failed: {error}"),
    }
}

/// The first line that says something.
fn first_line(text: &str) -> &str {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::outputs::CellError;
    use super::*;

    #[test]
    fn a_notebook_is_summed_up_in_one_line() {
        let line = |ran, ending| {
            summary(&Execution {
                cells: 2,
                ran,
                elapsed: Duration::from_millis(1234),
                ending,
            })
        };
        assert_eq!(line(2, Ending::Finished), "2 cells, 1.2 s, ok");
        let error = CellError {
            ename: "E0425".to_owned(),
            evalue: "\n  cannot find value `y`\n --> 1:1\n".to_owned(),
            traceback: vec![],
        };
        let failed = Ending::CellFailed {
            cell: "abc".to_owned(),
            error,
        };
        assert_eq!(
            line(1, failed),
            "1 of 2 cells, 1.2 s, failed: cell abc: E0425: cannot find value `y`"
        );
        let died = SessionError::Died {
            status: "exit status: 1".to_owned(),
            last_words: "a\nno module".to_owned(),
        };
        assert_eq!(
            line(0, Ending::KernelFailed(died)),
            "0 of 2 cells, 1.2 s, failed: the kernel died (exit status: 1); it last printed: no module"
        );
        let stopped = Ending::KernelFailed(SessionError::Stopped);
        assert_eq!(line(1, stopped), "1 of 2 cells, 1.2 s, stopped");
    }
}
