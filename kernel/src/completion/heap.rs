//! The memory of the heap.

/// Returns memory that is free to the system, where the allocator keeps it otherwise (malloc_trim(3)).
pub fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the allocator only gives up what no one has allocated.
    unsafe {
        libc::malloc_trim(0);
    }
}
