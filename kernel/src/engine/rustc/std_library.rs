//! Builds the libraries that stand for `std` in watched cells (`watched_std`) and in explored ones (`explored_std`), once per compiler.

use crate::prebuilt::{Key, Store, Toolchain, compile_once};
use anyhow::Result;
use std::process::Command;

/// rustc's flags.
const FLAGS: [&str; 5] = [
    "--edition=2024",
    "--crate-name=threadbook_std",
    "--crate-type=rlib",
    "-Copt-level=2",
    "--cap-lints=allow",
];

const FILE: &str = "libthreadbook_std.rlib";

/// The files of a crate, its root first.
macro_rules! sources {
    ($folder:literal: $($file:literal)*) => {
        &[$(($file, include_str!(concat!("../../../", $folder, "/", $file)))),*]
    };
}

/// A library that takes the place of `std` in cells that ask for it.
pub struct StdLibrary {
    /// What the store keeps it as.
    kind: &'static str,
    sources: &'static [(&'static str, &'static str)],
}

/// Records what happens to locks, channels and atomics.
pub const WATCHED: StdLibrary = StdLibrary {
    kind: "watched-std",
    sources: sources!("watched_std": "lib.rs" "any.rs" "events.rs" "sync/atomic.rs" "sync/condvar.rs" "sync/mpsc.rs" "sync/mutex.rs" "sync/rwlock.rs"),
};

/// Lets the runtime decide which thread goes on.
pub const EXPLORED: StdLibrary = StdLibrary {
    kind: "explored-std",
    sources: sources!("explored_std": "lib.rs" "printing.rs" "steps.rs" "sync/atomic.rs" "sync/barrier.rs" "sync/condvar.rs" "sync/lazy_lock.rs" "sync/mpsc.rs" "sync/mutex.rs" "sync/once.rs" "sync/once_lock.rs" "sync/rwlock.rs"),
};

impl StdLibrary {
    /// Returns rustc's flag that lets a cell name the library. Builds the library first if it is not in the store.
    ///
    /// # Errors
    /// When it cannot be built, for instance by a compiler whose `std` is too new for it.
    pub fn flag(&self, toolchain: &Toolchain, store: &Store) -> Result<String> {
        let identity = toolchain.identity();
        let sources = self.sources.iter().map(|(_, text)| *text);
        let parts = [&*identity].into_iter().chain(sources).chain(FLAGS);
        let key = Key::from_iter(parts).end();
        let folder = store.find(self.kind, &key, |folder| folder.join(FILE).exists());
        let library = folder.join(FILE);
        let mut compiler = Command::new(toolchain.rustc());
        // For the features that the source enables.
        compiler.args(FLAGS).env("RUSTC_BOOTSTRAP", "1");
        compile_once(&library, self.sources, compiler)?;
        Ok(format!("--extern=threadbook_std={}", library.display()))
    }
}
