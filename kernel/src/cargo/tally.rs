//! What was done to compile a cell, told by the processes that did it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One request of evcxr.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// How long it took, in seconds, with this program's own start not counted.
    pub seconds: f64,
    /// How much of it the linker took, if that is known.
    pub link: Option<f64>,
    /// Whether the library was there, so that rustc was not called.
    pub from_store: bool,
}

/// A file with a line for each [`Work`].
pub struct Tally(PathBuf);

impl Tally {
    /// The tally of the crate in this folder.
    pub fn of(folder: &Path) -> Tally {
        Tally(folder.join("tally"))
    }

    /// Adds a line. One that cannot be written is missing from what `--timings` shows, no more.
    pub fn add(&self, work: &Work) {
        let line = serde_json::to_string(work).unwrap_or_default();
        if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(&self.0) {
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// All that was done since this was called last.
    pub fn take(&self) -> Vec<Work> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        if !text.is_empty() {
            let _ = File::create(&self.0);
        }
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let tally = Tally::of(folder.path());
        let work = |seconds| Work {
            seconds,
            link: None,
            from_store: false,
        };
        tally.add(&work(0.5));
        tally.add(&work(1.0));
        assert_eq!(tally.take(), [work(0.5), work(1.0)]);
        assert_eq!(tally.take(), []);
    }
}
