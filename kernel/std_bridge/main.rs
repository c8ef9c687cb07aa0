//! The `main` of the cells' standard library: it makes the first thread of the process the main thread, as in a program.
//!
//! The file is compiled as a program but linked as a shared library. Its C function `main`, which rustc adds, prepares `std` and
//! calls the one below.

use std::sync::OnceLock;

static RUN: OnceLock<extern "C" fn()> = OnceLock::new();

/// Sets what `main` does. To be called once, before it.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_main_does(run: extern "C" fn()) {
    // An error means that it is already set.
    let _ = RUN.set(run);
}

fn main() {
    if let Some(run) = RUN.get() {
        run();
    }
}
