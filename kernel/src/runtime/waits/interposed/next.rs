//! The C library's own functions, behind those that this program defines once more.

use std::ffi::CStr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::Relaxed;

/// Returns the C library's own function of a name, which is looked up once.
pub fn next(known: &AtomicPtr<libc::c_void>, name: &CStr) -> Option<*mut libc::c_void> {
    let mut next = known.load(Relaxed);
    if next.is_null() {
        // SAFETY: the name is a C string.
        next = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
        known.store(next, Relaxed);
    }
    (!next.is_null()).then_some(next)
}
