//! A library loaded into every program that a kernel starts (`LD_PRELOAD`, ld.so(8)). It logs each start of a program and
//! each file that a program opens to the file `WORK_LOG`.

use std::ffi::{c_char, c_int, c_uint, c_void};

unsafe extern "C" {
    static program_invocation_short_name: *const c_char;

    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getenv(name: *const c_char) -> *const c_char;
    // These do not call `open64` below.
    fn fopen(path: *const c_char, mode: *const c_char) -> *mut c_void;
    fn fprintf(file: *mut c_void, format: *const c_char, ...) -> c_int;
    fn fclose(file: *mut c_void) -> c_int;
}

/// dlsym(3): the next library that has the symbol.
const RTLD_NEXT: *mut c_void = -1_isize as *mut c_void;

type Open = unsafe extern "C" fn(*const c_char, c_int, c_uint) -> c_int;

/// Replaces the function of the C library. Passes `mode` on even if the caller gave none: the callee does not read it then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    note(c"open", path);
    // SAFETY: the C library has this function, with these arguments (open(2)).
    unsafe {
        let next = dlsym(RTLD_NEXT, c"open64".as_ptr());
        std::mem::transmute::<*mut c_void, Open>(next)(path, flags, mode)
    }
}

#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

extern "C" fn start() {
    note(c"start", c"".as_ptr());
}

fn note(what: &std::ffi::CStr, path: *const c_char) {
    // SAFETY: all strings end with a null byte, and the file is closed once. A single call appends each short line to the
    // file (open(2), O_APPEND), so lines of several processes do not mix.
    unsafe {
        let log = getenv(c"WORK_LOG".as_ptr());
        let file = if log.is_null() {
            std::ptr::null_mut()
        } else {
            fopen(log, c"a".as_ptr())
        };
        if !file.is_null() {
            let format = c"%s\t%s\t%s\n".as_ptr();
            fprintf(file, format, what.as_ptr(), program_invocation_short_name, path);
            fclose(file);
        }
    }
}
