//! Headless Chromium.

use super::common::run;
use super::common::sandbox::{BOUND, Sandbox};
use std::path::{Path, PathBuf};

/// The elements of a page after its scripts have run, as HTML.
#[track_caller]
pub fn dom(sandbox: &Sandbox, page: &Path) -> String {
    let mut command = sandbox.command(program());
    command
        .args([
            "--headless",
            // The tests may be run by root, for whom Chromium has no sandbox.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            sandbox.path("browser").display()
        ))
        .arg(format!("file://{}", page.display()));
    let ended = run::to_end(&mut command, BOUND).expect_code(0);
    assert!(ended.stdout.contains("</html>"), "{ended}");
    ended.stdout
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
