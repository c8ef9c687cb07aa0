//! Symbols of the program that this crate is loaded into.

use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A symbol that is looked up once. There is no lock, which a fork could leave locked: two threads may both look it up.
pub(super) struct Symbol {
    name: &'static CStr,
    /// The address, or one of the two constants below.
    known: AtomicUsize,
}

const UNKNOWN: usize = 0;
const ABSENT: usize = 1;

impl Symbol {
    pub(super) const fn new(name: &'static CStr) -> Self {
        Self {
            name,
            known: AtomicUsize::new(UNKNOWN),
        }
    }

    pub(super) fn find(&self) -> Option<*mut c_void> {
        let known = match self.known.load(Relaxed) {
            UNKNOWN => {
                // SAFETY: the name ends in a zero.
                let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, self.name.as_ptr()) };
                let known = match found.is_null() {
                    true => ABSENT,
                    false => found.expose_provenance(),
                };
                self.known.store(known, Relaxed);
                known
            }
            known => known,
        };
        (known != ABSENT).then(|| std::ptr::with_exposed_provenance_mut(known))
    }
}
