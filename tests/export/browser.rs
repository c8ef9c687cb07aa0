//! Headless Chromium.

use super::common::run::{self, Ended};
use super::common::sandbox::{BOUND, Sandbox};
use std::path::{Path, PathBuf};

/// The elements of a page after its scripts have run, as HTML.
#[track_caller]
pub fn dom(sandbox: &Sandbox, page: &Path) -> String {
    let ended = open(sandbox, page, "--dump-dom");
    assert!(ended.stdout.contains("</html>"), "{ended}");
    ended.stdout
}

/// How many sheets of paper a page takes.
#[track_caller]
pub fn sheets(sandbox: &Sandbox, page: &Path) -> usize {
    let pdf = sandbox.work().join("printed.pdf");
    let ended = open(sandbox, page, &format!("--print-to-pdf={}", pdf.display()));
    let bytes = std::fs::read(pdf).unwrap_or_else(|error| panic!("{error}\n{ended}"));
    // The objects of the pages are not compressed; that of their list is of the type `/Pages`.
    let text = String::from_utf8_lossy(&bytes);
    let is_page = regex::Regex::new("/Type ?/Page\\b").expect("a pattern");
    is_page.find_iter(&text).count()
}

#[track_caller]
fn open(sandbox: &Sandbox, page: &Path, what_for: &str) -> Ended {
    let profile = sandbox.path("browser");
    let mut command = sandbox.command(program());
    command
        .args([
            "--headless",
            // The tests may be run by root, for whom Chromium has no sandbox.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            what_for,
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()));
    run::to_end(&mut command, BOUND).expect_code(0)
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name))
        })
        .find(|program| program.is_file())
        .expect("these tests need Chromium: apt-get install chromium")
}
