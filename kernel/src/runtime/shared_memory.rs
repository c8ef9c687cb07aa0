//! Memory that the runtime shares with the processes it forks.

use anyhow::{Context, Result};
use std::io;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::*};

/// What a process that ends leaves for the one that takes its place, of at most `MAX` bytes.
pub struct Report<const MAX: usize> {
    length: AtomicUsize,
    bytes: [AtomicU8; MAX],
}

impl<const MAX: usize> Report<MAX> {
    /// Stores the bytes; of more than `MAX` the end is left out.
    pub fn store(&self, bytes: &[u8]) {
        for (to, byte) in self.bytes.iter().zip(bytes) {
            to.store(*byte, Relaxed);
        }
        self.length.store(bytes.len().min(MAX), Release);
    }

    /// Returns the bytes if there are any; once.
    pub fn take(&self) -> Option<Vec<u8>> {
        let length = self.length.swap(0, Acquire);
        let bytes = self.bytes.iter().take(length);
        let bytes: Vec<u8> = bytes.map(|byte| byte.load(Relaxed)).collect();
        (length > 0).then_some(bytes)
    }
}

/// Allocates a zeroed `T` that this process shares with all processes it forks.
///
/// Zeroed bytes must be a valid `T`. What several processes use at once must be atomic.
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

/// Gives back the memory of the first elements of an array in shared memory, which are zeroed afterwards; of those at the ends perhaps not.
///
/// As with [`share`], `T` must consist of atomics only.
pub fn give_back<T: Sync>(elements: &'static [T]) {
    const PAGE: usize = 4096;
    let bytes = elements.as_ptr_range();
    let (first, end) = (bytes.start.addr().next_multiple_of(PAGE), bytes.end.addr());
    if let Some(length) = end.checked_sub(first).filter(|&length| length >= PAGE) {
        let whole = length / PAGE * PAGE;
        // SAFETY: the pages lie within the array, which is in a shared anonymous mapping. They are zero afterwards (madvise(2),
        // MADV_REMOVE), which is a valid value of `T`; a thread that uses them meanwhile sees the old or the new value of an atomic.
        unsafe { libc::madvise(first as *mut libc::c_void, whole, libc::MADV_REMOVE) };
    }
}
