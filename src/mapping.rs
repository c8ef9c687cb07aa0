//! Memory that stays shared across a fork.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;

/// Shared memory. A forked child has the same memory, not a copy; each process unmaps it when it is done.
pub(crate) struct Mapping {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: a `Mapping` only owns the address range; whoever hands out references into it answers for them.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `size` new bytes (at least 1), all zero and aligned to a page. They are freed with the last mapping.
    pub(crate) fn new(size: usize) -> io::Result<Self> {
        Self::map(size, libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1)
    }

    /// Maps the first `size` bytes (at least 1) of a file, aligned to a page. The file is at least as long.
    pub(crate) fn of_file(file: &File, size: usize) -> io::Result<Self> {
        Self::map(size, libc::MAP_SHARED, file.as_raw_fd())
    }

    fn map(size: usize, flags: libc::c_int, fd: libc::c_int) -> io::Result<Self> {
        // SAFETY: a new mapping at an address the kernel chooses touches no memory of ours.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                flags,
                fd,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, size })
    }

    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range is the one `mmap` gave, and with the owner gone nobody refers into it.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.size) };
    }
}

/// One `T` in shared memory of its own.
pub(crate) struct Shared<T> {
    mapping: Mapping,
    value: PhantomData<T>,
}

/// What several processes may use through `&T`.
///
/// # Safety
/// All bytes zero are a valid value; it is changed only through atomics (or under a lock inside it), so that `&T` may
/// be used from any process at any time; it holds no pointers and needs no drop.
pub(crate) unsafe trait Zeroed: Sync + 'static {}

impl<T: Zeroed> Shared<T> {
    /// Creates a value of all zeros. `what` is for the error message.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub(crate) fn new(what: &str) -> Self {
        // A mapping is aligned to a page, and a page is never smaller than this.
        const { assert!(align_of::<T>() <= 4096 && size_of::<T>() > 0 && !std::mem::needs_drop::<T>()) };
        let mapping = Mapping::new(size_of::<T>())
            .unwrap_or_else(|error| panic!("no shared memory for this {what}: {error}"));
        Self {
            mapping,
            value: PhantomData,
        }
    }
}

impl<T: Zeroed> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the mapping is large and aligned enough and lives as long as `self`; the rest is what `Zeroed` promises.
        unsafe { self.mapping.start().cast().as_ref() }
    }
}
