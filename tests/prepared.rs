//! Notebooks without the project around them, and the cache that is prepared for all users of a machine.

mod embedded;
mod shared;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::notebook::{self, Cell};
use support::run::{self, Ended};
use support::sandbox::{BOUND, Sandbox};

/// Writes a notebook with one cell for each source into a directory without anything else; returns its path.
fn write(sandbox: &Sandbox, name: &str, sources: &[&str]) -> PathBuf {
    let folder = sandbox.work().join(name);
    fs::create_dir_all(&folder).expect("a directory");
    let path = folder.join("notebook.ipynb");
    notebook::write(&path, &notebook::of_sources(sources));
    path
}

fn run_in_place(threadbook: &mut Command, path: &Path) -> Ended {
    let arguments = ["--in-place", "--allow-errors", "--timings"];
    run::to_end(threadbook.arg("run").arg(path).args(arguments), BOUND)
}

/// Executes cells in an empty directory; returns them with their outputs.
fn execute(sandbox: &Sandbox, name: &str, sources: &[&str]) -> Vec<Cell> {
    let path = write(sandbox, name, sources);
    run_in_place(&mut sandbox.threadbook(), &path).expect_code(0);
    notebook::code_cells(&notebook::read(&path))
}

#[track_caller]
fn expect_result(cell: &Cell, expected: &str) {
    assert_eq!(
        cell.result().as_deref(),
        Some(expected),
        "{:?}",
        cell.error()
    );
}
