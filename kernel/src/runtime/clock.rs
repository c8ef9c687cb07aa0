//! The monotonic clock, which all processes share.

/// Returns the time since some moment before, in nanoseconds.
pub fn now() -> i64 {
    // SAFETY: clock_gettime(2) fills the structure.
    unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
        time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
