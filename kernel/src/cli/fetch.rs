//! The `threadbook fetch` command.

use crate::fetch::fetch;
use crate::notebook::{Document, collect};
use crate::prebuilt::{Cache, Toolchain};
use anyhow::{Context, Result};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Notebooks, or directories with notebooks.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Arguments {
    /// Builds the crates of all notebooks, and prints those of each.
    pub fn run(self) -> Result<()> {
        let (cache, toolchain) = (Cache::open()?, Toolchain::find()?);
        for path in collect(&self.paths)? {
            let path = std::path::absolute(path)?;
            let notebook = Document::read(&path)?;
            let mut shown = 0;
            let crates = fetch(&path, &notebook, &cache, &toolchain, &mut |line| {
                show_progress(line, &mut shown);
            });
            if shown > 0 {
                eprintln!();
            }
            let crates = crates.with_context(|| path.display().to_string())?;
            println!("{}: {}", path.display(), list_crates(&crates));
        }
        Ok(())
    }
}

fn list_crates(crates: &[String]) -> String {
    match crates {
        [] => "no crates except the helper's".to_owned(),
        crates => format!("{} crates: {}", crates.len(), crates.join(", ")),
    }
}

/// Prints a line of progress if stderr is a terminal. It overwrites the previous line, which had `shown` columns.
pub fn show_progress(line: &str, shown: &mut usize) {
    let mut stderr = std::io::stderr().lock();
    if !stderr.is_terminal() {
        return;
    }
    // Errors are ignored: it is only progress.
    let _ = write!(stderr, "\r{line:width$}", width = *shown);
    let _ = stderr.flush();
    *shown = line.chars().count();
}
