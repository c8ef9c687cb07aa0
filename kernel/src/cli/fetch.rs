//! `threadbook fetch`.

use crate::fetch::fetch;
use crate::notebook::{Document, collect};
use crate::prebuilt::{Cache, Toolchain};
use anyhow::{Context, Result};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Notebooks, or folders with notebooks.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Arguments {
    /// Builds the crates of all notebooks, and tells what each has.
    pub fn run(self) -> Result<()> {
        let (cache, toolchain) = (Cache::open()?, Toolchain::find()?);
        for path in collect(&self.paths)? {
            let path = std::path::absolute(path)?;
            let notebook = Document::read(&path)?;
            let mut shown = 0;
            let crates = fetch(&path, &notebook, &cache, &toolchain, &mut |line| {
                show(line, &mut shown);
            });
            if shown > 0 {
                eprintln!();
            }
            let crates = crates.with_context(|| path.display().to_string())?;
            println!("{}: {}", path.display(), in_words(&crates));
        }
        Ok(())
    }
}

fn in_words(crates: &[String]) -> String {
    match crates {
        [] => "no crates but the helper's".to_owned(),
        crates => format!("{} crates: {}", crates.len(), crates.join(", ")),
    }
}

/// A line of progress: on a terminal, in place of the one before, which had so many columns.
fn show(line: &str, shown: &mut usize) {
    let mut stderr = std::io::stderr().lock();
    if !stderr.is_terminal() {
        return;
    }
    // It is only progress.
    let _ = write!(stderr, "\r{line:width$}", width = *shown);
    let _ = stderr.flush();
    *shown = line.chars().count();
}
