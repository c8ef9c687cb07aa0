//! The guard of everything that is acquired and released.

use crate::os;

/// What a [`ReleaseGuard`] releases.
pub(super) trait Release {
    /// Undoes one `acquire` of the guard's process. Errors are ignored: other code may have released too often, which
    /// is reported there; a drop must not panic because of it.
    fn release_quietly(&self);
}

/// Releases when dropped, but only in the process that acquired: in a forked child, the copy of a guard holds nothing.
#[derive(Debug)]
pub(super) struct ReleaseGuard<'a, T: Release> {
    held: &'a T,
    pid: u32,
}

impl<'a, T: Release> ReleaseGuard<'a, T> {
    /// For the caller, who has acquired `held`.
    #[inline]
    pub(super) fn new(held: &'a T) -> Self {
        Self {
            held,
            pid: os::process_id(),
        }
    }
}

impl<T: Release> Drop for ReleaseGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.pid == os::process_id() {
            self.held.release_quietly();
        }
    }
}
