//! A bar of indicatif that shows a line of text.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar of indicatif that shows its message alone: the line is made as tqdm makes it.
pub(super) fn message_bar(target: ProgressDrawTarget) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(None, target).with_style(style)
}
