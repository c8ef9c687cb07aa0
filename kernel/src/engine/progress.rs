//! Progress lines of work that precedes a cell, such as building crates.

use crate::ipc::{CellError, EngineReply};

/// Runs `work` and shows its progress lines, each in place of the one before. Afterwards none is left.
pub fn with_progress<T>(
    progress: &mut dyn FnMut(EngineReply),
    work: impl FnOnce(&mut dyn FnMut(&str)) -> Result<T, CellError>,
) -> Result<T, CellError> {
    let mut shown = 0;
    let done = work(&mut |line| {
        progress(EngineReply::Progress(format!("\r{line:shown$}")));
        shown = line.chars().count();
    });
    if shown > 0 {
        progress(EngineReply::ProgressEnded);
    }
    done
}
