//! README, GUIDE and FAQ are true: their commands run, their cells show what stands below them, their links lead
//! somewhere, and their tables are complete.

#[path = "docs/cells.rs"]
mod cells;
#[path = "docs/commands.rs"]
mod commands;
mod common;
#[path = "docs/course.rs"]
mod course;
#[path = "docs/links.rs"]
mod links;
#[path = "docs/metadata.rs"]
mod metadata;
#[path = "docs/options.rs"]
mod options;
#[path = "docs/page.rs"]
mod page;

use common::project::{self, NOTEBOOKS};
use common::sandbox::Sandbox;
use page::Page;
use std::fs;
use std::path::PathBuf;

/// The documents, as a reader opens them.
const PAGES: [&str; 3] = ["README.md", "GUIDE.md", "FAQ.md"];

fn pages() -> Vec<Page> {
    PAGES.map(Page::read).into()
}

/// A project with notebooks of its own in the sandbox, which commands and cells may change; gives its folder.
fn project(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.work().join("project");
    let notebooks = project::mirror(&folder);
    for name in NOTEBOOKS {
        fs::copy(project::notebook_path(name), notebooks.join(name)).expect("a copy");
    }
    folder
}

/// Fails the test unless nothing is wrong; all that is wrong is told at once.
#[track_caller]
fn expect_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
