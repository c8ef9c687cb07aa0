//! What cargo has built for the tests.

use std::env;
use std::path::PathBuf;

/// Returns the path of the program under test.
pub fn threadbook() -> PathBuf {
    let path = env::var_os("CARGO_BIN_EXE_threadbook");
    path.expect("cargo names the program when it runs a test of the kernel")
        .into()
}

/// Returns the directory for files that tests share, below the build directory: cargo's `CARGO_TARGET_TMPDIR`, which it sets only
/// while it compiles the test programs.
pub fn tmp() -> PathBuf {
    let program = env::current_exe().expect("the test program");
    let build = program
        .ancestors()
        .nth(3)
        .expect("test programs are in target/PROFILE/deps");
    build.join("tmp")
}
