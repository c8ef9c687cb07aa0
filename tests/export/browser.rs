//! Opens pages in headless Chromium.

use std::path::Path;
use support::run::{self, Ended};
use support::sandbox::{BOUND, Sandbox};
use support::tools;

/// Returns the HTML of a page after its scripts have run.
#[track_caller]
pub fn dom(sandbox: &Sandbox, page: &Path) -> String {
    let ended = open(sandbox, page, "--dump-dom");
    assert!(ended.stdout.contains("</html>"), "{ended}");
    ended.stdout
}

/// Returns how many sheets of paper a page takes.
#[track_caller]
pub fn sheets(sandbox: &Sandbox, page: &Path) -> usize {
    let pdf = sandbox.work().join("printed.pdf");
    let ended = open(sandbox, page, &format!("--print-to-pdf={}", pdf.display()));
    let bytes = std::fs::read(pdf).unwrap_or_else(|error| panic!("{error}\n{ended}"));
    // The page objects are not compressed. The object that lists them has the type `/Pages`.
    let text = String::from_utf8_lossy(&bytes);
    let is_page = regex::Regex::new("/Type ?/Page\\b").expect("a pattern");
    is_page.find_iter(&text).count()
}

#[track_caller]
fn open(sandbox: &Sandbox, page: &Path, action: &str) -> Ended {
    let profile = sandbox.path("browser");
    let mut command = sandbox.command(tools::chromium().expect("Chromium"));
    command
        .args([
            "--headless",
            // The tests may run as root, for whom Chromium has no sandbox.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            action,
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()));
    run::to_end(&mut command, BOUND).expect_code(0)
}
