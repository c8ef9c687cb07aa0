//! A piece of memory that stays shared across a fork.

use std::io;
use std::ptr::NonNull;

/// Anonymous shared memory, zeroed at first. A forked child has the same memory, not a copy; each process
/// unmaps it when it is done, and the memory goes with the last.
pub(super) struct Mapping {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: a `Mapping` only owns the address range; whoever hands out references into it answers for them.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `size` bytes (at least 1), aligned to a page.
    pub(super) fn new(size: usize) -> io::Result<Self> {
        // SAFETY: a new anonymous mapping at an address the kernel chooses touches no memory of ours.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, size })
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range is the one `mmap` gave, and with the owner gone nobody refers into it.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.size) };
    }
}
