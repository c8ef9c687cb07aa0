//! Calls the `main` of the cells' standard library (`std_bridge/main.rs`).

use super::std_bridge::library_path;
use anyhow::{Context, Result};
use libc::{RTLD_GLOBAL, RTLD_LOCAL, RTLD_NOW};
use libloading::os::unix::Library;
use std::ffi::{CString, c_char, c_int};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

/// The library's file, in the folder of the std bridge.
pub const STD_MAIN_LIBRARY: &str = "libthreadbook_main.so";

/// Calls `run`, which does not return, on this thread as the main thread of the cells' `std`.
///
/// # Errors
/// When the library cannot be loaded.
pub fn call(run: extern "C" fn()) -> Result<()> {
    let std_bridge = library_path()?;
    let path = std_bridge.with_file_name(STD_MAIN_LIBRARY);
    // The first library that brings `std` into the process says who allocates for it: the bridge.
    std::mem::forget(open(&std_bridge, RTLD_NOW | RTLD_GLOBAL)?);
    let library = open(&path, RTLD_NOW | RTLD_LOCAL)?;
    // SAFETY: the names and signatures are those of `std_bridge/main.rs`, and of the C function that rustc adds.
    let (does, main) = unsafe {
        (
            *library.get::<extern "C" fn(extern "C" fn())>(b"threadbook_main_does")?,
            *library.get::<extern "C" fn(c_int, *const *const c_char) -> c_int>(b"main")?,
        )
    };
    // The functions are used until the process exits.
    std::mem::forget(library);
    does(run);
    let arguments = std::env::args_os().filter_map(|text| CString::new(text.into_vec()).ok());
    let arguments: Vec<CString> = arguments.collect();
    let mut pointers: Vec<*const c_char> = arguments.iter().map(|text| text.as_ptr()).collect();
    pointers.push(std::ptr::null());
    main(arguments.len() as c_int, pointers.as_ptr());
    Ok(())
}

fn open(path: &Path, flags: c_int) -> Result<Library> {
    // SAFETY: the library is ours and has no initialisers but those of `std`.
    let library = unsafe { Library::open(Some(path), flags) };
    library.with_context(|| format!("cannot load {}", path.display()))
}
