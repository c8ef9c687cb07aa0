//! Memory that the runtime shares with the processes that it forks.

use anyhow::{Context, Result};
use std::io;

/// A record that this process shares with all that it forks, at first all zero bytes.
///
/// `T` must be made of atomics alone, for which zeroed bytes are a value.
pub fn share<T: Sync>() -> Result<&'static T> {
    // SAFETY: an anonymous mapping touches no memory of ours; it is aligned to a page, large
    // enough, zeroed, which is a value of `T`, and never unmapped.
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
