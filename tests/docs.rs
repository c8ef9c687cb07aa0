//! Checks README, GUIDE, FAQ and the pages with Python's names: their commands succeed, their cells show the documented output, their links resolve,
//! and their tables are complete.

mod cells;
mod commands;
mod course;
mod links;
mod metadata;
mod options;
mod page;

use page::Page;
use std::path::PathBuf;
use support::project;
use support::sandbox::Sandbox;

/// The documents, in the order in which one reads them.
const PAGES: [&str; 5] = [
    "README.md",
    "GUIDE.md",
    "FAQ.md",
    "docs/python.md",
    "docs/python_multiprocessing.md",
];

fn pages() -> Vec<Page> {
    PAGES.map(Page::read).into()
}

/// Copies the project with its notebooks into the sandbox for commands and cells to change; returns its directory.
fn project(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.work().join("project");
    project::mirror_with_notebooks(&folder);
    folder
}

/// Fails the test if there are problems, and reports all of them.
#[track_caller]
fn expect_none(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}
