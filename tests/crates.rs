//! The crates of a notebook: built once into one library that all cells, threads and processes use.

mod faults;
mod lines;
mod reuse;
mod statics;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::notebook::{self, Cell};
use support::run;
use support::sandbox::{BOUND, Sandbox};

/// Executes cells in a new kernel; returns them with their outputs.
fn execute(sandbox: &Sandbox, sources: &[&str]) -> Vec<Cell> {
    execute_by(&mut sandbox.threadbook(), sandbox, sources)
}

fn execute_by(threadbook: &mut Command, sandbox: &Sandbox, sources: &[&str]) -> Vec<Cell> {
    let path = write(sandbox, "cells", sources);
    let ended = run::to_end(
        threadbook
            .arg("run")
            .arg(&path)
            .args(["--in-place", "--allow-errors"]),
        BOUND,
    );
    assert!(matches!(ended.code(), Some(0 | 1)), "{ended:?}");
    notebook::code_cells(&notebook::read(&path))
}

fn write(sandbox: &Sandbox, name: &str, sources: &[&str]) -> PathBuf {
    let path = sandbox.work().join(format!("{name}.ipynb"));
    notebook::write(&path, &notebook::of_sources(sources));
    path
}

#[track_caller]
fn expect_results(cells: &[Cell], results: &[&str]) {
    for (cell, result) in cells.iter().zip(results) {
        assert!(
            cell.error().is_none(),
            "{}: {:?}",
            cell.source(),
            cell.error()
        );
        assert_eq!(
            cell.result().unwrap_or_default(),
            *result,
            "{}",
            cell.source()
        );
    }
    assert_eq!(cells.len(), results.len());
}

#[track_caller]
fn expect_error(cell: &Cell, parts: &[&str]) {
    let error = cell
        .error()
        .unwrap_or_else(|| panic!("no error: {}", cell.source()));
    let text = notebook::without_colours(&format!("{}\n{}", error.evalue, error.traceback));
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!text.contains("evcxr"), "{text}");
}

/// Writes a crate with this source into the work directory.
fn write_crate(sandbox: &Sandbox, name: &str, source: &str) {
    let folder = sandbox.work().join(name);
    fs::create_dir_all(folder.join("src")).expect("a directory");
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(folder.join("src/lib.rs"), source).expect("a source");
}

/// Returns the directories of the finished libraries of crates in the cache.
fn libraries(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.join("threadbook"))
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("library.json").exists())
        .collect();
    found.sort();
    found
}
