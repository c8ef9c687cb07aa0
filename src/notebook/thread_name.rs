//! Tells the kernel the name of a thread, of which the system may keep only the beginning.

use std::ffi::c_void;

use super::symbol::Symbol;

type Name = unsafe extern "C" fn(name: *const u8, length: usize);

static NAME: Symbol = Symbol::new(c"threadbook_thread_name");

/// Tells the name of the calling thread.
pub(crate) fn name_thread(name: &str) {
    if let Some(tell) = NAME.find() {
        // SAFETY: the kernel's function of this name has this signature, and stays loaded.
        let tell = unsafe { std::mem::transmute::<*mut c_void, Name>(tell) };
        // SAFETY: the pointer and the length are those of `name`, which is only read.
        unsafe { tell(name.as_ptr(), name.len()) }
    }
}
