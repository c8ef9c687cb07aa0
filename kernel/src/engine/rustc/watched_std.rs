//! Builds the library that stands for `std` in watched cells (`watched_std`), once per compiler.

use crate::prebuilt::{Key, Store, Toolchain, compile_once};
use anyhow::Result;
use std::process::Command;

/// rustc's flags. The stack of a thread that waits is walked by its frame pointers.
const FLAGS: [&str; 6] = [
    "--edition=2024",
    "--crate-name=threadbook_std",
    "--crate-type=rlib",
    "-Copt-level=2",
    "-Cforce-frame-pointers=yes",
    "--cap-lints=allow",
];

const FILE: &str = "libthreadbook_std.rlib";

/// The crate's root and its modules.
const SOURCES: [(&str, &str); 8] = [
    ("lib.rs", include_str!("../../../watched_std/lib.rs")),
    ("any.rs", include_str!("../../../watched_std/any.rs")),
    ("events.rs", include_str!("../../../watched_std/events.rs")),
    (
        "sync/atomic.rs",
        include_str!("../../../watched_std/sync/atomic.rs"),
    ),
    (
        "sync/condvar.rs",
        include_str!("../../../watched_std/sync/condvar.rs"),
    ),
    (
        "sync/mpsc.rs",
        include_str!("../../../watched_std/sync/mpsc.rs"),
    ),
    (
        "sync/mutex.rs",
        include_str!("../../../watched_std/sync/mutex.rs"),
    ),
    (
        "sync/rwlock.rs",
        include_str!("../../../watched_std/sync/rwlock.rs"),
    ),
];

/// Returns rustc's flag that lets a cell name the library. Builds the library first if it is not in the store.
///
/// # Errors
/// When it cannot be built, for instance by a compiler whose `std` is too new for it.
pub fn watched_std(toolchain: &Toolchain, store: &Store) -> Result<String> {
    let identity = toolchain.identity();
    let sources = SOURCES.map(|(_, text)| text);
    let parts = [&*identity].into_iter().chain(sources).chain(FLAGS);
    let key = Key::from_iter(parts).end();
    let folder = store.find("watched-std", &key, |folder| folder.join(FILE).exists());
    let library = folder.join(FILE);
    let mut compiler = Command::new(toolchain.rustc());
    // For the features that the source enables.
    compiler.args(FLAGS).env("RUSTC_BOOTSTRAP", "1");
    compile_once(&library, &SOURCES, compiler)?;
    Ok(format!("--extern=threadbook_std={}", library.display()))
}
