//! Why a cell cannot run, for the copy of the process that takes over: the variables are as they were before the cell.

use super::shared_memory::{self, Report};
use anyhow::Result;
use std::sync::OnceLock;

/// How many bytes a message may have; of longer ones the end is left out.
const MAX_MESSAGE: usize = 4 << 10;

/// The message of the runtime that was ended.
static REPORT: OnceLock<&'static Report<MAX_MESSAGE>> = OnceLock::new();

/// Allocates the memory for a message. To be called once, before the first cell.
pub fn start() -> Result<()> {
    let report = shared_memory::share()?;
    // An error means that it is set.
    let _ = REPORT.set(report);
    Ok(())
}

/// Ends this process. A copy of it takes over and shows the message.
///
/// # Safety
/// `message` points to `length` readable bytes.
pub unsafe extern "C" fn refuse(message: *const u8, length: usize) {
    if let Some(report) = REPORT.get() {
        // SAFETY: the caller promises `length` readable bytes.
        report.store(unsafe { std::slice::from_raw_parts(message, length) });
    }
    std::process::abort();
}

/// Returns the message of the runtime before this one, if that has refused to run a cell; once.
pub fn take() -> Option<String> {
    let message = REPORT.get()?.take()?;
    Some(String::from_utf8_lossy(&message).into_owned())
}
