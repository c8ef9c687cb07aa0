//! The libraries that are loaded.

use std::ffi::{CStr, OsStr};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Returns the file of the library that contains the address (dladdr(3)).
pub fn library_at(address: usize) -> Option<PathBuf> {
    let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: dladdr only looks the address up, and fills in the record unless it returns 0. The loader owns the name that the
    // record points to and keeps it as long as the library is loaded; libraries of cells stay loaded.
    unsafe {
        if libc::dladdr(std::ptr::without_provenance(address), info.as_mut_ptr()) == 0 {
            return None;
        }
        let name = info.assume_init().dli_fname;
        let name = (!name.is_null()).then(|| CStr::from_ptr(name))?;
        Some(PathBuf::from(OsStr::from_bytes(name.to_bytes())))
    }
}
