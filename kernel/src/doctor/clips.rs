//! Checks for what online clips need.

use super::finding::Finding;
use super::program;

/// Checks for yt-dlp, which downloads clips from websites; a class without internet does not need it.
pub async fn examine() -> Finding {
    let finding = match program::ask("yt-dlp", &["--version"]).await {
        Ok(version) => Finding::there("yt-dlp", version),
        Err(reason) => Finding::missing(
            "yt-dlp",
            format!("{reason}; needed for clips from the internet"),
            "pipx install yt-dlp",
        ),
    };
    finding.optional()
}
