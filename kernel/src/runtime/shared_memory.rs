//! Memory that the runtime shares with the processes it forks.

use anyhow::{Context, Result};
use std::io;

/// Allocates a zeroed `T` that this process shares with all processes it forks.
///
/// `T` must consist of atomics only, for which zeroed bytes are a valid value.
pub fn share<T: Sync>() -> Result<&'static T> {
    // SAFETY: an anonymous mapping touches none of our memory. It is page-aligned, large enough, zeroed, which is a valid
    // value of `T`, and never unmapped.
    unsafe {
        let page = libc::mmap(
            std::ptr::null_mut(),
            size_of::<T>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error()).context("mmap");
        }
        Ok(&*page.cast::<T>())
    }
}
