//! What online clips need.

use super::finding::Finding;
use super::program;

/// yt-dlp, which fetches clips from sites; a class without internet does without.
pub async fn examine() -> Finding {
    let finding = match program::ask("yt-dlp", &["--version"]).await {
        Ok(version) => Finding::there("yt-dlp", version),
        Err(reason) => Finding::missing(
            "yt-dlp",
            format!("{reason}; clips from the internet need it"),
            "pipx install yt-dlp",
        ),
    };
    finding.optional()
}
