//! Why a cell cannot run, for the copy of the process that takes over: the variables are as they were before the cell.

use super::shared_memory;
use anyhow::Result;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::*};

/// How many bytes a message may have; of longer ones the end is left out.
const MAX_MESSAGE: usize = 4 << 10;

/// The message of the runtime that was ended.
struct Shared {
    length: AtomicUsize,
    bytes: [AtomicU8; MAX_MESSAGE],
}

static SHARED: OnceLock<&'static Shared> = OnceLock::new();

/// Allocates the memory for a message. To be called once, before the first cell.
pub fn start() -> Result<()> {
    let shared = shared_memory::share::<Shared>()?;
    // An error means that it is set.
    let _ = SHARED.set(shared);
    Ok(())
}

/// Ends this process. A copy of it takes over and shows the message.
///
/// # Safety
/// `message` points to `length` readable bytes.
pub unsafe extern "C" fn refuse(message: *const u8, length: usize) {
    if let Some(shared) = SHARED.get() {
        // SAFETY: the caller promises `length` readable bytes.
        let message = unsafe { std::slice::from_raw_parts(message, length) };
        for (to, byte) in shared.bytes.iter().zip(message) {
            to.store(*byte, Relaxed);
        }
        shared.length.store(length.min(MAX_MESSAGE), Release);
    }
    std::process::abort();
}

/// Returns the message of the runtime before this one, if that has refused to run a cell; once.
pub fn take() -> Option<String> {
    let shared = SHARED.get()?;
    let length = shared.length.swap(0, Acquire);
    let bytes = shared.bytes.iter().take(length);
    let bytes: Vec<u8> = bytes.map(|byte| byte.load(Relaxed)).collect();
    (length > 0).then(|| String::from_utf8_lossy(&bytes).into_owned())
}
